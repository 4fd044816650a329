import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  LedgerAccount,
  type LedgerEntry,
  LedgerEntrySchema,
  LedgerEntryType,
} from "#gen/questioncloud/point/v1/point_pb.ts";
import type { Queryable, Tx } from "#kit/database.ts";
import {
  type Account,
  entriesOf,
  isUserAccount,
  type Transfer,
  type TransferType,
  type UserAccount,
} from "../ledger.ts";

/** What transfers are for. A reference is used once per type. */
export interface Posting {
  readonly type: TransferType;
  /** The charge, purchase or adjustment, a UUID. */
  readonly reference: string;
  readonly userId: bigint;
  readonly transfers: readonly Transfer[];
}

/** Writes both sides of each transfer. */
export async function insertEntries(tx: Tx, { type, reference, userId, transfers }: Posting): Promise<void> {
  const entries = entriesOf(transfers);
  const values = entries.flatMap(({ account, counterAccount, deltaPoints }) => [
    type,
    reference,
    account,
    counterAccount,
    isUserAccount(account) ? userId : null,
    deltaPoints,
  ]);
  const rows = entries.map(() => "(?, ?, ?, ?, ?, ?)").join(", ");
  await tx.execute(
    `INSERT INTO ledger_entry (type, reference, account, counter_account, user_id, delta_points) VALUES ${rows}`,
    values,
  );
}

/** Reads back the transfers of one type that were written for a reference. */
export async function findTransfers(tx: Tx, type: TransferType, reference: string): Promise<Transfer[]> {
  const rows = await tx.query<{ from: Account; to: Account; points: bigint }>(
    "SELECT counter_account AS `from`, account AS `to`, delta_points AS points FROM ledger_entry WHERE reference = ? AND type = ? AND delta_points > 0",
    [reference, type],
  );
  return rows.map(({ from, to, points }) => ({ from, to, amountPoints: points }));
}

interface Row {
  entry_id: bigint;
  type: TransferType;
  account: UserAccount;
  delta_points: bigint;
  reference: string;
  create_time: Date;
}

/** Reads the entries of a user by falling id, below `beforeId` where it is given. */
export async function listEntries(
  from: Queryable,
  userId: bigint,
  beforeId: bigint | undefined,
  limit: number,
): Promise<LedgerEntry[]> {
  const rows = await from.query<Row>(
    `SELECT entry_id, type, account, delta_points, reference, create_time FROM ledger_entry
      WHERE user_id = ? AND entry_id < ? ORDER BY entry_id DESC LIMIT ?`,
    [userId, beforeId ?? 2n ** 63n - 1n, limit],
  );
  return rows.map(row =>
    create(LedgerEntrySchema, {
      entryId: row.entry_id,
      type: LedgerEntryType[row.type],
      account: LedgerAccount[row.account],
      deltaPoints: row.delta_points,
      reference: row.reference,
      createTime: timestampFromDate(row.create_time),
    }),
  );
}
