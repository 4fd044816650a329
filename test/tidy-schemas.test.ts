import { expect } from "chai";
import { documents } from "./support/tidy/sources.ts";

const schemas = documents.filter(({ path }) => path.endsWith(".sql"));

describe("the schemas", () => {
  it("compare the text of unique keys byte by byte, never by a collation", () => {
    const loose = schemas.flatMap(({ path, text }) =>
      tablesIn(text).flatMap(({ name, body }) =>
        looseTextIn(body)
          .filter(column => uniqueColumnsIn(body).includes(column))
          .map(column => `${path}: ${name}.${column}`),
      ),
    );
    expect(schemas.flatMap(({ text }) => tablesIn(text))).not.to.deep.equal([]);
    expect(loose).to.deep.equal([]);
  });
});

function tablesIn(sql: string): { name: string; body: string }[] {
  const tables = sql.matchAll(/^CREATE TABLE (\w+) \(\n(.*?)^\)/gms);
  return [...tables].map(([, name = "", body = ""]) => ({ name, body }));
}

/** The columns of text whose collation is not binary. */
function looseTextIn(body: string): string[] {
  const columns = body.matchAll(/^ {2}(\w+) (?:VARCHAR|CHAR|\w*TEXT)\b(.*)$/gm);
  return [...columns]
    .filter(([, , rest = ""]) => !/COLLATE \w+_bin\b/.test(rest))
    .map(([, name = ""]) => name);
}

function uniqueColumnsIn(body: string): string[] {
  const keys = body.matchAll(/(?:PRIMARY|UNIQUE) KEY(?: \w+)?\s*\(([^)]*)\)/g);
  return [...keys].flatMap(([, columns = ""]) => columns.split(/,\s*/));
}
