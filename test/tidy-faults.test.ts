import { expect } from "chai";
import { documents, sources } from "./support/tidy/sources.ts";

const page = documents.find(({ path }) => path === "test/e2e/faults/README.md");
const rows = [...(page?.text ?? "").matchAll(/^\| ([^|]*)\|[^|]*\| `(\S+\.ts)` (.+?) \|$/gm)];

describe("the table of faults", () => {
  it("names tests that exist", () => {
    const missing = rows.filter(([, , file, title]) => {
      const source = sources.find(({ path }) => path === `test/${file}`);
      return !source?.text.includes(`it("${title}"`) && !source?.text.includes(`it(\`${title}\``);
    });
    expect(missing.map(([row]) => row)).to.deep.equal([]);
    expect(rows.length).to.be.greaterThan(24);
  });

  it("has every fault from F1 to F24, in order", () => {
    const numbers = rows.flatMap(([, fault = ""]) => /^F(\d+) /.exec(fault)?.[1] ?? []);
    expect(numbers).to.deep.equal(Array.from({ length: 24 }, (_, index) => String(index + 1)));
  });

  it("has every test that is marked with a fault", () => {
    const marked = sources
      .filter(({ path }) => path.startsWith("test/"))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/it\("(F\d+ [^"]+)"/g)].map(
          ([, title]) => `${path.slice("test/".length)} ${title}`,
        ),
      );
    const listed = new Set(rows.map(([, , file, title]) => `${file} ${title}`));
    expect(marked.filter(test => !listed.has(test))).to.deep.equal([]);
  });
});
