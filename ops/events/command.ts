import type { Stores } from "./stores.ts";

/** What a command found or did. */
export interface Report {
  /** For a person, line by line. */
  readonly lines: readonly string[];
  /** The same for machines. */
  readonly json: object;
  /** True where something was left undone. */
  readonly failed?: boolean;
}

/** What a command works with. */
export interface Desk {
  readonly stores: Stores;
  /** Tells the operator how far it is. */
  readonly progress: (line: string) => void;
  /** Aborted when the operator interrupts: finish what is under way, begin nothing. */
  readonly signal: AbortSignal;
}

/** The command was not called as its help says. */
export class UsageError extends Error {}

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
