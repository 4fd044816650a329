import type { Workspace } from "./workspace.ts";

/** The result of a command. */
export interface Report {
  /** For a person, line by line. */
  readonly lines: readonly string[];
  /** The same for machines. */
  readonly json: object;
  /** True where a part failed. */
  readonly failed?: boolean;
}

/** Runs a command, which declares the parts of the workspace that it needs. */
export type Command = (workspace: Workspace) => Promise<Report>;

/** Aligns the columns of a table. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
