import type { Queryable, Tx } from "#kit/data/database.ts";
import { insert, update } from "#kit/data/sql.ts";
import { type Balance, totalOf } from "../domain/ledger.ts";
import { monthHasTurned } from "../failures.ts";

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

/**
 * Writes down what a user has when the first change of a month is made, in a wallet that is locked. Throws where a
 * later month was opened meanwhile: its opening lacks this change, which must be made in that month.
 */
export async function openMonth(tx: Tx, userId: bigint, startTime: Date): Promise<void> {
  const [wallet] = await tx.query<{ monthStart: Date }>("SELECT month_start FROM wallet WHERE user_id = ?", [
    userId,
  ]);
  if (wallet === undefined || wallet.monthStart > startTime) {
    throw monthHasTurned();
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
}

/**
 * Changes what a user has, in the month that was opened last. Returns false, and changes nothing, where the
 * conditions do not hold, the month is another one, or there is no wallet.
 */
export async function changeBalance(
  tx: Tx,
  userId: bigint,
  change: Balance,
  { monthStart, limitPoints, emptiesBonus = false }: ChangeConditions & { readonly monthStart: Date },
): Promise<boolean> {
  const { paidPoints, bonusPoints, heldPoints } = change;
  const { affectedRows } = await tx.execute(
    `UPDATE wallet SET paid_points = paid_points + ?, bonus_points = bonus_points + ?, held_points = held_points + ?
      WHERE user_id = ? AND month_start = ? AND paid_points + ? >= 0 AND bonus_points + ? >= 0 AND held_points + ? >= 0
        AND (? OR bonus_points + ? = 0) AND (? OR paid_points + bonus_points + held_points + ? <= ?)`,
    [
      ...[paidPoints, bonusPoints, heldPoints, userId, monthStart, paidPoints, bonusPoints, heldPoints],
      ...[!emptiesBonus, bonusPoints, limitPoints === undefined, totalOf(change), limitPoints ?? 0n],
    ],
  );
  return affectedRows === 1;
}
