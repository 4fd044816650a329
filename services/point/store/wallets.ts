import type { Queryable, Tx } from "#kit/database.ts";
import type { Balance } from "../ledger.ts";

interface Row {
  paid_points: bigint;
  bonus_points: bigint;
  held_points: bigint;
}

const nothing: Balance = { paidPoints: 0n, bonusPoints: 0n, heldPoints: 0n };

/** What a user has; nothing for whoever never had points. */
export async function findBalance(from: Queryable, userId: bigint): Promise<Balance> {
  return readBalance(from, userId, "");
}

/** Like findBalance, and nobody else changes it before the transaction ends. */
export async function lockBalance(tx: Tx, userId: bigint): Promise<Balance> {
  return readBalance(tx, userId, "FOR UPDATE");
}

async function readBalance(from: Queryable, userId: bigint, locking: "" | "FOR UPDATE"): Promise<Balance> {
  const [row] = await from.query<Row>(
    `SELECT paid_points, bonus_points, held_points FROM wallet WHERE user_id = ? ${locking}`,
    [userId],
  );
  return row === undefined
    ? nothing
    : { paidPoints: row.paid_points, bonusPoints: row.bonus_points, heldPoints: row.held_points };
}

/** Makes sure that a user has a wallet, and locks it. */
export async function lockWallet(tx: Tx, userId: bigint): Promise<void> {
  await tx.execute("INSERT INTO wallet (user_id) VALUES (?) ON DUPLICATE KEY UPDATE user_id = user_id", [
    userId,
  ]);
}

/** What must hold for a change beside that no account falls below zero. */
export interface ChangeConditions {
  /** At most this many points over all accounts afterwards. */
  readonly limitPoints?: bigint;
  /** No bonus points afterwards. */
  readonly emptiesBonus?: boolean;
}

/** Changes what a user has. Returns false, and changes nothing, where the conditions do not hold or there is no wallet. */
export async function changeBalance(
  tx: Tx,
  userId: bigint,
  { paidPoints, bonusPoints, heldPoints }: Balance,
  { limitPoints, emptiesBonus = false }: ChangeConditions = {},
): Promise<boolean> {
  const total = paidPoints + bonusPoints + heldPoints;
  const { affectedRows } = await tx.execute(
    `UPDATE wallet SET paid_points = paid_points + ?, bonus_points = bonus_points + ?, held_points = held_points + ?
      WHERE user_id = ? AND paid_points + ? >= 0 AND bonus_points + ? >= 0 AND held_points + ? >= 0
        AND (? OR bonus_points + ? = 0) AND (? OR paid_points + bonus_points + held_points + ? <= ?)`,
    [
      ...[paidPoints, bonusPoints, heldPoints, userId, paidPoints, bonusPoints, heldPoints],
      ...[!emptiesBonus, bonusPoints, limitPoints === undefined, total, limitPoints ?? 0n],
    ],
  );
  return affectedRows === 1;
}

/** Points of all users by account. */
export async function sumBalances(from: Queryable): Promise<Balance> {
  const [row] = await from.query<Record<keyof Row, string | bigint>>(
    `SELECT COALESCE(SUM(paid_points), 0) AS paid_points, COALESCE(SUM(bonus_points), 0) AS bonus_points,
       COALESCE(SUM(held_points), 0) AS held_points FROM wallet`,
  );
  return {
    paidPoints: BigInt(row?.paid_points ?? 0),
    bonusPoints: BigInt(row?.bonus_points ?? 0),
    heldPoints: BigInt(row?.held_points ?? 0),
  };
}
