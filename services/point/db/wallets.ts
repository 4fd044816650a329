import type { Queryable, Tx } from "#kit/data/database.ts";
import { SnapshotConflict } from "#kit/data/database-errors.ts";
import { insert, update } from "#kit/data/sql.ts";
import { addToSums } from "#kit/data/sums.ts";
import { createExpiringMap } from "#kit/process/expiring-map.ts";
import { type Balance, totalOf } from "../domain/ledger.ts";
import { sliceOf } from "./totals.ts";

const nothing: Balance = { paidPoints: 0n, bonusPoints: 0n, heldPoints: 0n };

/** What a user has; nothing for a user who never had points. */
export function findBalance(from: Queryable, userId: bigint): Promise<Balance> {
  return readBalance(from, userId, "");
}

/** Like findBalance, and locks the wallet until the transaction ends. */
export function lockBalance(tx: Tx, userId: bigint): Promise<Balance> {
  return readBalance(tx, userId, "FOR UPDATE");
}

async function readBalance(from: Queryable, userId: bigint, locking: "" | "FOR UPDATE"): Promise<Balance> {
  const [balance] = await from.query<Balance>(
    `SELECT paid_points, bonus_points, held_points FROM wallet WHERE user_id = ? ${locking}`,
    [userId],
  );
  return balance ?? nothing;
}

/** Makes sure that a user has a wallet, and locks it. */
export async function lockWallet(tx: Tx, userId: bigint): Promise<void> {
  await tx.execute("INSERT INTO wallet (user_id) VALUES (?) ON DUPLICATE KEY UPDATE user_id = user_id", [
    userId,
  ]);
}

// Wallets in a month that the database's clock has not reached, or had not a moment ago: their changes get the time of
// the wallet. One that is forgotten costs a transaction that is run twice.
const walletsAhead = createExpiringMap<bigint, true>(10_000);
const rememberMs = 3_600_000;

/** True for a wallet that is in a month that the database's clock has not reached, as far as this process knows. */
export function isAhead(userId: bigint): boolean {
  return walletsAhead.get(userId) === true;
}

/**
 * The time of the next change of a wallet that is ahead of the clock, because the clock was wrong or the month turned
 * meanwhile: not before the month that was opened last, and not before the last entry. Locks the wallet. Undefined for
 * a wallet of which that is not known.
 */
export async function lockTimeAhead(tx: Tx, userId: bigint): Promise<Date | undefined> {
  if (!isAhead(userId)) {
    return undefined;
  }
  await lockWallet(tx, userId);
  const [next] = await tx.query<{ time: Date }>(
    `SELECT GREATEST(NOW(6), month_start, COALESCE((
        SELECT create_time FROM ledger_entry WHERE user_id = ? ORDER BY create_time DESC, entry_id DESC LIMIT 1
      ), month_start)) AS time FROM wallet WHERE user_id = ?`,
    [userId, userId],
  );
  return next?.time;
}

/**
 * Writes down what a user has when the first change of a month is made, in a wallet that is locked. Where a later month
 * was opened, whose opening lacks this change, the transaction is run again and makes it in that month.
 */
export async function openMonth(tx: Tx, userId: bigint, startTime: Date): Promise<void> {
  const [wallet] = await tx.query<{ monthStart: Date }>("SELECT month_start FROM wallet WHERE user_id = ?", [
    userId,
  ]);
  if (wallet === undefined) {
    throw new Error("a wallet that is locked is gone");
  }
  if (wallet.monthStart > startTime) {
    walletsAhead.set(userId, true, rememberMs);
    throw new SnapshotConflict("the wallet is in a later month");
  }
  if (wallet.monthStart < startTime) {
    await insert(tx, "month_opening", { userId, startTime, ...(await findBalance(tx, userId)) });
    await update(tx, "wallet", { monthStart: startTime }, { sql: "user_id = ?", values: [userId] });
  }
}

/** What must hold after a change, besides that no account is below zero. */
export interface ChangeConditions {
  /** At most this many points over all accounts afterwards. */
  readonly limitPoints?: bigint;
  /** No bonus points afterwards. */
  readonly emptiesBonus?: boolean;
  /** The change is the last of its transaction, and commits it; not for what is issued, which is counted after it. */
  readonly isLast?: boolean;
}

/**
 * Changes what a user has, in the month that was opened last, and what all users have together: in one statement, so
 * that the locks of both are held as briefly as possible, and in this order, so that no two deadlock. Returns false,
 * and changes nothing, where the conditions do not hold, the month is another one, or there is no wallet.
 */
export async function changeBalance(
  tx: Tx,
  userId: bigint,
  change: Balance,
  {
    monthStart,
    limitPoints,
    emptiesBonus = false,
    isLast = false,
  }: ChangeConditions & { readonly monthStart: Date },
): Promise<boolean> {
  const deltas = [change.paidPoints, change.bonusPoints, change.heldPoints];
  const rows = 2;
  const statement = [
    `UPDATE wallet w STRAIGHT_JOIN outstanding_points o ON o.slice = ?
        SET w.paid_points = w.paid_points + ?, w.bonus_points = w.bonus_points + ?, w.held_points = w.held_points + ?,
          o.paid_points = o.paid_points + ?, o.bonus_points = o.bonus_points + ?, o.held_points = o.held_points + ?
      WHERE w.user_id = ? AND w.month_start = ?
        AND w.paid_points + ? >= 0 AND w.bonus_points + ? >= 0 AND w.held_points + ? >= 0
        AND (? OR w.bonus_points + ? = 0) AND (? OR w.paid_points + w.bonus_points + w.held_points + ? <= ?)`,
    [
      ...[sliceOf(userId), ...deltas, ...deltas, userId, monthStart, ...deltas],
      ...[!emptiesBonus, change.bonusPoints, limitPoints === undefined, totalOf(change), limitPoints ?? 0n],
    ],
  ] as const;
  return isLast ? tx.executeLast(...statement, rows) : (await tx.execute(...statement)).affectedRows === rows;
}

/**
 * Changes what many users have, and what all users have together. All wallets are locked before any total, in the order
 * in which a single change locks them, so that no two deadlock. Throws where a wallet would have less than nothing.
 */
export async function changeBalances(
  tx: Tx,
  changes: readonly (readonly [userId: bigint, change: Balance])[],
  monthStart: Date,
): Promise<void> {
  const userIds = [...new Set(changes.map(([userId]) => userId))];
  const wallets = await tx.query<{ userId: bigint; monthStart: Date }>(
    `SELECT user_id, month_start FROM wallet FORCE INDEX (PRIMARY)
      WHERE user_id IN (?) ORDER BY user_id FOR UPDATE`,
    [userIds],
  );
  if (wallets.length !== userIds.length) {
    throw new Error("a user whose points change has no wallet");
  }
  for (const wallet of wallets) {
    if (wallet.monthStart.getTime() !== monthStart.getTime()) {
      await openMonth(tx, wallet.userId, monthStart);
    }
  }
  const deltas = changes.map(([userId, change]) => [userId, columns.map(column => change[column])] as const);
  await addToSums(tx, { table: "wallet", id: "userId", columns }, deltas);
  await addToSums(
    tx,
    { table: "outstanding_points", id: "slice", columns },
    deltas.map(([userId, differences]) => [sliceOf(userId), differences]),
  );
}

const columns = ["paidPoints", "bonusPoints", "heldPoints"] as const;
