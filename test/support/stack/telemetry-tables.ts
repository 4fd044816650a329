import { readFileSync } from "node:fs";
import { root } from "#dev/stack/root.ts";

/** A row of a table in docs/telemetry.md: its cells by the heading of their column. */
export type Row = Readonly<Record<string, string>>;

/** The rows of every table of docs/telemetry.md whose first column has this heading. */
export function documentedRows(heading: string): Row[] {
  const lines = readFileSync(`${root}/docs/telemetry.md`, "utf8").split("\n");
  const rows: Row[] = [];
  let columns: string[] = [];
  for (const [index, line] of lines.entries()) {
    const cells = cellsOf(line);
    if (cells.length === 0) {
      columns = [];
    } else if (lines[index + 1]?.startsWith("|---")) {
      columns = cells;
    } else if (columns[0] === heading && !line.startsWith("|---")) {
      rows.push(Object.fromEntries(cells.map((cell, column) => [columns[column] ?? "", cell])));
    }
  }
  return rows;
}

/** The names in backticks in a cell. */
export function namesIn(cell = ""): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(match => match[1] ?? "");
}

function cellsOf(line: string): string[] {
  return line.startsWith("|")
    ? line
        .slice(1, -1)
        .split("|")
        .map(cell => cell.trim())
    : [];
}
