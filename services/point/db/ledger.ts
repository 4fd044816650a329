import type { Queryable, Tx } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insertAllReturning } from "#kit/data/sql.ts";
import { boundsOfMonth, koreanMonthOf } from "../domain/korean-time.ts";
import {
  changeOf,
  entriesOf,
  isUserAccount,
  type Transfer,
  type TransferType,
  type UserAccount,
} from "../domain/ledger.ts";
import { addToIssued } from "./totals.ts";
import { type ChangeConditions, changeBalance, lockTimeAhead, lockWallet, openMonth } from "./wallets.ts";

/** What transfers are for. A reference is used once per type. */
interface Posting {
  readonly type: TransferType;
  /** The charge, purchase or adjustment, a UUID. */
  readonly reference: string;
  readonly userId: bigint;
  readonly transfers: readonly Transfer[];
}

/**
 * Writes both sides of each transfer, and changes the wallet and the totals by their sum. These come last, so that
 * their locks are held as briefly as possible. Returns false where the wallet does not allow the change; the
 * transaction must then be rolled back.
 */
export async function post(tx: Tx, posting: Posting, conditions: ChangeConditions = {}): Promise<boolean> {
  const { type, reference, userId, transfers } = posting;
  const timeAhead = await lockTimeAhead(tx, userId);
  const entries = entriesOf(transfers).map(entry => ({
    type,
    reference,
    ...entry,
    userId: isUserAccount(entry.account) ? userId : null,
    ...(timeAhead === undefined ? {} : { createTime: timeAhead }),
  }));
  const [inserted] = await insertAllReturning<LedgerEntry>(tx, "ledger_entry", entries, ["createTime"]);
  if (inserted === undefined) {
    throw new RangeError("a posting has transfers");
  }
  const change = changeOf(transfers);
  const monthStart = boundsOfMonth(koreanMonthOf(inserted.createTime.getTime())).start;
  if (!(await changeBalance(tx, userId, change, { ...conditions, monthStart }))) {
    await lockWallet(tx, userId);
    await openMonth(tx, userId, monthStart);
    if (!(await changeBalance(tx, userId, change, { ...conditions, monthStart }))) {
      return false;
    }
  }
  await addToIssued(tx, type, change);
  return true;
}

/** Reads back the transfers of one type that were written for a reference. */
export function findTransfers(tx: Tx, type: TransferType, reference: string): Promise<Transfer[]> {
  return tx.query(
    `SELECT counter_account AS \`from\`, account AS \`to\`, delta_points AS amount_points FROM ledger_entry
      WHERE reference = ? AND type = ? AND delta_points > 0`,
    [reference, type],
  );
}

/** A change of one account of a user. */
export interface LedgerEntry {
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
    columns: "ledger_entry.*",
    table: "ledger_entry",
    index: "ix_ledger_entry_user",
    where: "user_id = ?",
    values: [userId],
    keyset: [
      { column: "create_time", direction: "DESC" },
      { column: "entry_id", direction: "DESC" },
    ],
    page,
  });
}
