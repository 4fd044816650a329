import type { Queryable, Tx } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insertAll } from "#kit/data/sql.ts";
import {
  type Balance,
  balancesAfter,
  changeOf,
  entriesOf,
  isUserAccount,
  type Transfer,
  type TransferType,
  type UserAccount,
} from "../domain/ledger.ts";
import { addToTotals } from "./totals.ts";
import { type ChangeConditions, changeBalance, findBalance, lockWallet } from "./wallets.ts";

/** What transfers are for. A reference is used once per type. */
interface Posting {
  readonly type: TransferType;
  /** The charge, purchase or adjustment, a UUID. */
  readonly reference: string;
  readonly userId: bigint;
  readonly transfers: readonly Transfer[];
}

/**
 * Changes the wallet and writes both sides of each transfer, each of the user's with what the user has after it; the
 * locked wallet makes the order of the changes that of the entries. The totals come last, so that their locks are
 * held as briefly as possible. Returns false where the wallet does not allow the change; the transaction must then be
 * rolled back.
 */
export async function post(tx: Tx, posting: Posting, conditions: ChangeConditions = {}): Promise<boolean> {
  const { type, userId, transfers } = posting;
  const change = changeOf(transfers);
  if (!(await changeBalance(tx, userId, change, conditions))) {
    await lockWallet(tx, userId);
    if (!(await changeBalance(tx, userId, change, conditions))) {
      return false;
    }
  }
  await insertEntries(tx, posting, await findBalance(tx, userId));
  await addToTotals(tx, { type, userId, change });
  return true;
}

const nothing = { paidPoints: null, bonusPoints: null, heldPoints: null };

async function insertEntries(
  tx: Tx,
  { type, reference, userId, transfers }: Posting,
  last: Balance,
): Promise<void> {
  const entries = entriesOf(transfers);
  const balances = balancesAfter(entries, last);
  const rows = entries.map((entry, index) => ({
    type,
    reference,
    ...entry,
    userId: isUserAccount(entry.account) ? userId : null,
    ...(balances[index] ?? nothing),
  }));
  await insertAll(tx, "ledger_entry", rows);
}

/** Reads back the transfers of one type that were written for a reference. */
export function findTransfers(tx: Tx, type: TransferType, reference: string): Promise<Transfer[]> {
  return tx.query(
    `SELECT counter_account AS \`from\`, account AS \`to\`, delta_points AS amount_points FROM ledger_entry
      WHERE reference = ? AND type = ? AND delta_points > 0`,
    [reference, type],
  );
}

/** A change of one account of a user, and what the user has after it. */
export interface LedgerEntry extends Balance {
  readonly entryId: bigint;
  readonly type: TransferType;
  readonly account: UserAccount;
  readonly deltaPoints: bigint;
  readonly reference: string;
  readonly createTime: Date;
}

/** Reads a page of the entries of a user, newest first. */
export function listEntries(from: Queryable, userId: bigint, page: PageCursor): Promise<Page<LedgerEntry>> {
  return queryPage(from, {
    select: "SELECT ledger_entry.* FROM ledger_entry",
    where: "user_id = ?",
    values: [userId],
    keyset: [
      { column: "create_time", direction: "DESC" },
      { column: "entry_id", direction: "DESC" },
    ],
    page,
  });
}

/** A time from `start` on, before `end`. */
interface Period {
  readonly start: Date;
  readonly end: Date;
}

/** Reads a page of the entries of a user in a period, oldest first. */
export function listEntriesIn(
  from: Queryable,
  userId: bigint,
  { start, end }: Period,
  page: PageCursor,
): Promise<Page<LedgerEntry>> {
  return queryPage(from, {
    select: "SELECT ledger_entry.* FROM ledger_entry",
    where: "user_id = ? AND create_time >= ? AND create_time < ?",
    values: [userId, start, end],
    keyset: [
      { column: "create_time", direction: "ASC" },
      { column: "entry_id", direction: "ASC" },
    ],
    page,
  });
}

/**
 * What a user had just before a moment, as the last entry before it says. Its time is found first: asked for the last
 * row at once, the optimizer walks back from the newest one.
 */
export async function findBalanceBefore(from: Queryable, userId: bigint, time: Date): Promise<Balance> {
  const [balance] = await from.query<Balance>(
    `SELECT paid_points, bonus_points, held_points FROM ledger_entry WHERE user_id = ? AND create_time =
        (SELECT MAX(create_time) FROM ledger_entry WHERE user_id = ? AND create_time < ?)
      ORDER BY entry_id DESC LIMIT 1`,
    [userId, userId, time],
  );
  return balance ?? { paidPoints: 0n, bonusPoints: 0n, heldPoints: 0n };
}
