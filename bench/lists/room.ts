import type { Database, Tx } from "#kit/data/database.ts";
import type { Page, PageCursor } from "#kit/data/keyset.ts";

export type ReadPage = (from: Tx, page: PageCursor) => Promise<Page<unknown>>;

/** The lists of one service. */
export interface Room {
  readonly service: string;
  /** Fills the tables with about `total` rows each, a tenth of them in each list. */
  load(database: Database, total: number): Promise<void>;
  readonly lists: Readonly<Record<string, ReadPage>>;
}

/** Inserts `total` rows, a part at a time; `statement` is given the table of their numbers, `seq`. */
export async function loadRows(
  database: Database,
  total: number,
  statement: (numbers: string) => string,
): Promise<void> {
  const atOnce = 100_000;
  for (let first = 1; first <= total; first += atOnce) {
    await database.transaction(async tx => {
      await tx.execute("SET foreign_key_checks = 0");
      await tx.execute(statement(`seq_${first}_to_${Math.min(total, first + atOnce - 1)}`));
      await tx.execute("SET foreign_key_checks = 1");
    });
  }
}

/** A UUID made of a number. */
export const uuidOf = "LPAD(seq, 36, '0')";
