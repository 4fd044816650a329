import { expect } from "chai";
import fc from "fast-check";
import { printCsv } from "./csv.ts";

const cells = fc.oneof(
  fc.string({
    unit: fc.constantFrom("a", "가", ",", '"', "\r", "\n", "\r\n", "=", "+", "-", "@", "\t", " "),
  }),
  fc.bigInt({ min: -1_000n, max: 1_000n }),
);
const tables = fc
  .integer({ min: 1, max: 4 })
  .chain(width => fc.array(fc.array(cells, { minLength: width, maxLength: width }), { minLength: 1 }));

describe("a CSV file", () => {
  it("is read back as it was written by RFC 4180, but for the apostrophe before a formula", () => {
    fc.assert(
      fc.property(tables, rows => {
        const text = printCsv(rows, { isFirst: true });
        expect(text.startsWith("\uFEFF")).to.equal(true);
        const expected = rows.map(row =>
          row.map(cell => String(cell).replace(/^(?!-?\d+$)(?=[=+\-@\t\r\n])/, "'")),
        );
        expect(parse(text.slice(1))).to.deep.equal(expected);
      }),
    );
  });

  it("has no text that a spreadsheet runs as a formula", () => {
    for (const formula of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")']) {
      const [[cell]] = parse(printCsv([[formula]], { isFirst: false })) as [[string]];
      expect(cell).to.equal(`'${formula}`);
    }
    expect(printCsv([[-1_000n]], { isFirst: false })).to.equal("-1000\r\n");
  });

  it("is the same in parts as in one", () => {
    const [one, two] = [[["a", 1n]], [["b", 2n]]] as const;
    const parts = printCsv(one, { isFirst: true }) + printCsv(two, { isFirst: false });
    expect(parts).to.equal(printCsv([...one, ...two], { isFirst: true }));
  });
});

/** Reads a file as RFC 4180 says. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = "", end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\r\n") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
