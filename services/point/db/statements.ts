import type { Queryable } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { type Balance, followEntries } from "../domain/ledger.ts";
import type { LedgerEntry } from "./ledger.ts";

/** An entry with what its account has after it. */
export interface StatementEntry extends LedgerEntry {
  readonly balancePoints: bigint;
}

/** A month, from its start on and before its end. */
interface Month {
  readonly start: Date;
  readonly end: Date;
}

/** What a user had when a month began: what the first change after it found, or what the user has now. */
export async function findBalanceAt(from: Queryable, userId: bigint, monthStart: Date): Promise<Balance> {
  // One statement, so that no change comes between.
  const [balance] = await from.query<Balance>(
    `(SELECT paid_points, bonus_points, held_points FROM month_opening WHERE user_id = ? AND start_time >= ?
        ORDER BY start_time LIMIT 1)
      UNION ALL SELECT paid_points, bonus_points, held_points FROM wallet WHERE user_id = ? LIMIT 1`,
    [userId, monthStart, userId],
  );
  return balance ?? { paidPoints: 0n, bonusPoints: 0n, heldPoints: 0n };
}

const keyset = [
  { column: "create_time", direction: "ASC" },
  { column: "entry_id", direction: "ASC" },
] as const;

/** Reads a page of a user's entries in a month, oldest first. The keys of a page carry the balance at its end. */
export async function listStatement(
  from: Queryable,
  userId: bigint,
  { start, end }: Month,
  page: PageCursor,
): Promise<Page<StatementEntry>> {
  const { rows, nextAfter } = await queryPage<LedgerEntry>(from, {
    columns: "ledger_entry.*",
    table: "ledger_entry",
    index: "ix_ledger_entry_user",
    where: "user_id = ? AND create_time >= ? AND create_time < ?",
    values: [userId, start, end],
    keyset,
    page,
  });
  const before = page.after === undefined ? await findBalanceAt(from, userId, start) : balanceOf(page.after);
  const { entries, after } = followEntries(before, rows);
  const { paidPoints, bonusPoints, heldPoints } = after;
  return {
    rows: entries,
    nextAfter: nextAfter && [...nextAfter, ...[paidPoints, bonusPoints, heldPoints].map(String)],
  };
}

function balanceOf(after: readonly string[]): Balance {
  const [paidPoints = 0n, bonusPoints = 0n, heldPoints = 0n] = after.slice(keyset.length).map(BigInt);
  return { paidPoints, bonusPoints, heldPoints };
}
