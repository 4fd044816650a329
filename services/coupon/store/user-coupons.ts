import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type UserCoupon, UserCouponSchema } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { type Queryable, type Tx, violatedKey } from "#kit/database.ts";
import { type TermsRow, termsColumns, toTerms } from "./coupons.ts";

/** A piece that a user has, with what decides whether it can be used. */
export interface OwnedCoupon {
  readonly coupon: UserCoupon;
  readonly state: "FREE" | "HELD" | "USED";
  readonly running: boolean;
  /** The end as the database writes it, exact to the microsecond, for pages. */
  readonly endKey: string;
}

interface Row extends TermsRow {
  user_coupon_id: bigint;
  coupon_id: bigint;
  start_time: Date;
  end_time: Date;
  end_key: string;
  state: OwnedCoupon["state"];
  running: number;
}

const select = `SELECT uc.user_coupon_id, uc.coupon_id, uc.state, c.start_time, c.end_time, CAST(c.end_time AS CHAR) AS end_key,
    NOW(6) >= c.start_time AND NOW(6) < c.end_time AS running, ${termsColumns}
  FROM user_coupon uc JOIN coupon c ON c.coupon_id = uc.coupon_id`;

/** Tells whether a user has a piece of a coupon, in any state. */
export async function hasPiece(tx: Tx, userId: bigint, couponId: bigint): Promise<boolean> {
  const rows = await tx.query("SELECT 1 FROM user_coupon WHERE user_id = ? AND coupon_id = ?", [
    userId,
    couponId,
  ]);
  return rows.length > 0;
}

/** Gives a user a piece. Returns undefined where the user has one already. */
export async function insertUserCoupon(
  tx: Tx,
  userId: bigint,
  couponId: bigint,
): Promise<bigint | undefined> {
  try {
    const { insertId } = await tx.execute("INSERT INTO user_coupon (user_id, coupon_id) VALUES (?, ?)", [
      userId,
      couponId,
    ]);
    return insertId;
  } catch (error) {
    if (violatedKey(error) === "uq_user_coupon") {
      return undefined;
    }
    throw error;
  }
}

/** Reads those of the named pieces that the user has. */
export async function findUserCoupons(
  from: Queryable,
  userId: bigint,
  userCouponIds: readonly bigint[],
): Promise<OwnedCoupon[]> {
  const rows = await from.query<Row>(`${select} WHERE uc.user_id = ? AND uc.user_coupon_id IN (?)`, [
    userId,
    userCouponIds,
  ]);
  return rows.map(toOwned);
}

/** Reads the pieces that the user can use now, by end and id, after the given keys. */
export async function listUsableCoupons(
  from: Queryable,
  userId: bigint,
  after: { endKey: string; userCouponId: bigint } | undefined,
  limit: number,
): Promise<OwnedCoupon[]> {
  const rows = await from.query<Row>(
    `${select}
      WHERE uc.user_id = ? AND uc.state = 'FREE' AND NOW(6) >= c.start_time AND NOW(6) < c.end_time
        AND (c.end_time > ? OR (c.end_time = ? AND uc.user_coupon_id > ?))
      ORDER BY c.end_time, uc.user_coupon_id LIMIT ?`,
    [userId, after?.endKey ?? "1970-01-01", after?.endKey ?? "1970-01-01", after?.userCouponId ?? 0n, limit],
  );
  return rows.map(toOwned);
}

/** Holds free pieces for a purchase. Returns how many were free. */
export async function holdUserCoupons(
  tx: Tx,
  userId: bigint,
  userCouponIds: readonly bigint[],
  purchaseId: string,
): Promise<number> {
  const { affectedRows } = await tx.execute(
    "UPDATE user_coupon SET state = 'HELD', purchase_id = ? WHERE user_id = ? AND user_coupon_id IN (?) AND state = 'FREE'",
    [purchaseId, userId, userCouponIds],
  );
  return affectedRows;
}

/** Uses up what a purchase holds. */
export async function useHeldCoupons(tx: Tx, purchaseId: string): Promise<void> {
  await tx.execute("UPDATE user_coupon SET state = 'USED' WHERE purchase_id = ? AND state = 'HELD'", [
    purchaseId,
  ]);
}

/** Gives back what a purchase holds. */
export async function freeHeldCoupons(tx: Tx, purchaseId: string): Promise<void> {
  await tx.execute(
    "UPDATE user_coupon SET state = 'FREE', purchase_id = NULL WHERE purchase_id = ? AND state = 'HELD'",
    [purchaseId],
  );
}

function toOwned(row: Row): OwnedCoupon {
  const coupon = create(UserCouponSchema, {
    userCouponId: row.user_coupon_id,
    couponId: row.coupon_id,
    terms: toTerms(row),
    startTime: timestampFromDate(row.start_time),
    endTime: timestampFromDate(row.end_time),
  });
  return { coupon, state: row.state, running: Number(row.running) === 1, endKey: row.end_key };
}
