import type { Transitions } from "#kit/contract/transitions.ts";
import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insert } from "#kit/data/sql.ts";
import { moveState, moveStateDeferred } from "#kit/data/state-machine.ts";
import type { CouponTerms, UserCouponState } from "../domain/terms.ts";
import type { OwnedCoupon } from "../domain/usable.ts";

/** A user coupon with its terms and its period. */
export interface UserCouponRow extends CouponTerms, OwnedCoupon {
  readonly couponId: bigint;
  readonly startTime: Date;
  readonly endTime: Date;
}

export const userCouponTransitions: Transitions<UserCouponState> = {
  FREE: ["HELD"],
  HELD: ["USED", "FREE"],
  USED: [],
};

const columns =
  "uc.user_coupon_id, uc.state, NOW(6) >= c.start_time AND NOW(6) < c.end_time AS is_in_period, c.*";
const couponJoin = "JOIN coupon c ON c.coupon_id = uc.coupon_id";

/** True where a user has a coupon, in any state. */
export async function hasCoupon(tx: Tx, userId: bigint, couponId: bigint): Promise<boolean> {
  const rows = await tx.query("SELECT 1 FROM user_coupon WHERE user_id = ? AND coupon_id = ?", [
    userId,
    couponId,
  ]);
  return rows.length > 0;
}

/** Issues a coupon to a user. Returns undefined where the user has it already. */
export async function insertUserCoupon(
  tx: Tx,
  userId: bigint,
  { couponId, endTime }: Pick<UserCouponRow, "couponId" | "endTime">,
): Promise<bigint | undefined> {
  try {
    return await insert(tx, "user_coupon", { userId, couponId, endTime });
  } catch (error) {
    if (violatedKey(error) === "uq_user_coupon") {
      return undefined;
    }
    throw error;
  }
}

/** Reads those of the named user coupons that the user has. */
export async function findUserCoupons(
  from: Queryable,
  userId: bigint,
  userCouponIds: readonly bigint[],
): Promise<UserCouponRow[]> {
  const rows = await from.query<StoredRow>(
    `SELECT ${columns} FROM user_coupon uc ${couponJoin} WHERE uc.user_id = ? AND uc.user_coupon_id IN (?)`,
    [userId, userCouponIds],
  );
  return rows.map(toRow);
}

/** Reads a page of the coupons that the user can use now, the first to end first. */
export async function listUsableCoupons(
  from: Queryable,
  userId: bigint,
  page: PageCursor,
): Promise<Page<UserCouponRow>> {
  const { rows, nextAfter } = await queryPage<StoredRow>(from, {
    columns,
    table: "user_coupon uc",
    index: "ix_user_coupon_usable",
    joins: couponJoin,
    where: `uc.user_id = ? AND uc.state = 'FREE' AND uc.end_time > NOW(6)
      AND NOW(6) >= c.start_time AND NOW(6) < c.end_time`,
    values: [userId],
    keyset: [
      { column: "uc.end_time", direction: "ASC" },
      { column: "uc.user_coupon_id", direction: "ASC" },
    ],
    page,
  });
  return { rows: rows.map(toRow), nextAfter };
}

type StoredRow = Omit<UserCouponRow, "isInPeriod"> & { isInPeriod: bigint };

function toRow(row: StoredRow): UserCouponRow {
  return { ...row, isInPeriod: Number(row.isInPeriod) === 1 };
}

/** Holds free user coupons for a purchase. Returns how many were free. */
export async function holdUserCoupons(
  tx: Tx,
  userId: bigint,
  userCouponIds: readonly bigint[],
  purchaseId: string,
): Promise<number> {
  return moveState(tx, {
    table: "user_coupon",
    transitions: userCouponTransitions,
    to: "HELD",
    where: { sql: "user_id = ? AND user_coupon_id IN (?)", values: [userId, userCouponIds] },
    set: { purchaseId },
  });
}

/** Marks as used what purchases hold. */
export async function useHeldCoupons(tx: Tx, purchaseIds: readonly string[]): Promise<void> {
  await moveStateDeferred(tx, {
    table: "user_coupon",
    transitions: userCouponTransitions,
    to: "USED",
    where: { sql: "purchase_id IN (?)", values: [purchaseIds] },
  });
}

/** Releases what purchases hold. */
export async function freeHeldCoupons(tx: Tx, purchaseIds: readonly string[]): Promise<void> {
  await moveStateDeferred(tx, {
    table: "user_coupon",
    transitions: userCouponTransitions,
    to: "FREE",
    where: { sql: "purchase_id IN (?)", values: [purchaseIds] },
    set: { purchaseId: null },
  });
}
