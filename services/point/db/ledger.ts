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
import {
  type ChangeConditions,
  changeBalance,
  changeBalances,
  isAhead,
  lockTimeAhead,
  lockWallet,
  openMonth,
} from "./wallets.ts";

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
  const { type, userId, transfers } = posting;
  const timeAhead = await lockTimeAhead(tx, userId);
  const rows = rowsOf(posting).map(row =>
    timeAhead === undefined ? row : { ...row, createTime: timeAhead },
  );
  const change = changeOf(transfers);
  const monthStart = monthOf(await insertAllReturning<LedgerEntry>(tx, "ledger_entry", rows, ["createTime"]));
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

function rowsOf({ type, reference, userId, transfers }: Posting) {
  return entriesOf(transfers).map(entry => ({
    type,
    reference,
    ...entry,
    userId: isUserAccount(entry.account) ? userId : null,
  }));
}

/** The start of the month of entries, which were written together. */
function monthOf([entry]: readonly Pick<LedgerEntry, "createTime">[]): Date {
  if (entry === undefined) {
    throw new RangeError("a posting has transfers");
  }
  return boundsOfMonth(koreanMonthOf(entry.createTime.getTime())).start;
}

/**
 * Writes transfers of many users like `post`: the entries in one statement, and the sum of each wallet. It comes
 * last in its transaction, and commits it where there is one posting. Throws where a wallet does not allow its change.
 */
export async function postAll(
  tx: Tx,
  type: "SPEND" | "RELEASE",
  postings: readonly Omit<Posting, "type">[],
): Promise<void> {
  const isSingle = ({ userId }: Omit<Posting, "type">) => postings.length === 1 || isAhead(userId);
  for (const posting of postings.filter(isSingle)) {
    if (!(await post(tx, { ...posting, type }, { isLast: postings.length === 1 }))) {
      throw new Error(`the wallet does not allow ${type} ${posting.reference}`);
    }
  }
  const others = postings.filter(posting => !isSingle(posting));
  if (others.length > 0) {
    const rows = others.flatMap(posting => rowsOf({ ...posting, type }));
    const monthStart = monthOf(
      await insertAllReturning<LedgerEntry>(tx, "ledger_entry", rows, ["createTime"]),
    );
    await changeBalances(
      tx,
      others.map(({ userId, transfers }) => [userId, changeOf(transfers)]),
      monthStart,
    );
  }
}

/** Reads back the transfers of one type that were written for references. */
export async function findTransfers(
  tx: Tx,
  type: TransferType,
  references: readonly string[],
): Promise<ReadonlyMap<string, readonly Transfer[]>> {
  const rows = await tx.query<Transfer & { reference: string }>(
    `SELECT reference, counter_account AS \`from\`, account AS \`to\`, delta_points AS amount_points
       FROM ledger_entry WHERE reference IN (?) AND type = ? AND delta_points > 0`,
    [references, type],
  );
  return Map.groupBy(rows, ({ reference }) => reference);
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
