import { DataTypes } from "sequelize";
import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { table } from "#kit/data/model.ts";
import { insert, raw } from "#kit/data/sql.ts";
import type { CouponTerms } from "../domain/terms.ts";

/** A coupon with its stock. */
export interface CouponRow extends CouponTerms {
  readonly couponId: bigint;
  readonly code: string;
  readonly stockCount: bigint;
  readonly issuedCount: bigint;
  readonly startTime: Date;
  readonly endTime: Date;
}

const coupons = table<CouponRow>("coupon", {
  couponId: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
  code: DataTypes.STRING,
  title: DataTypes.STRING,
  scope: DataTypes.STRING,
  kind: DataTypes.STRING,
  value: DataTypes.BIGINT,
  minimumPoints: DataTypes.BIGINT,
  maximumDiscountPoints: DataTypes.BIGINT,
  targetQuestionId: DataTypes.BIGINT,
  targetCreatorId: DataTypes.BIGINT,
  targetCategoryId: DataTypes.BIGINT,
  stackable: DataTypes.BOOLEAN,
  stockCount: DataTypes.BIGINT,
  issuedCount: DataTypes.BIGINT,
  startTime: DataTypes.DATE(6),
  endTime: DataTypes.DATE(6),
});

/** A coupon to issue; without a start it starts now. */
export type NewCoupon = Omit<CouponRow, "couponId" | "issuedCount" | "startTime"> & {
  readonly startTime: Date | undefined;
};

/** Adds a coupon. Returns undefined where another one has the code. */
export async function insertCoupon(tx: Tx, coupon: NewCoupon): Promise<bigint | undefined> {
  try {
    return await insert(tx, "coupon", { ...coupon, startTime: coupon.startTime ?? raw("NOW(6)") });
  } catch (error) {
    if (violatedKey(error) === "uq_coupon_code") {
      return undefined;
    }
    throw error;
  }
}

export function findCoupon(from: Queryable, couponId: bigint): Promise<CouponRow | undefined> {
  return coupons(from).find({ where: { couponId } });
}

/** Reads a page of coupons, newest first. */
export function listCoupons(from: Queryable, page: PageCursor): Promise<Page<CouponRow>> {
  return queryPage(from, {
    columns: "coupon.*",
    table: "coupon",
    index: "PRIMARY",
    keyset: [{ column: "coupon_id", direction: "DESC" }],
    page,
  });
}

/** Ends a coupon now unless it has ended. Returns false where there is none. */
export async function endCoupon(tx: Tx, couponId: bigint): Promise<boolean> {
  const { affectedRows } = await tx.execute(
    "UPDATE coupon SET end_time = LEAST(end_time, NOW(6)) WHERE coupon_id = ?",
    [couponId],
  );
  return affectedRows === 1;
}

/** Reads the coupon with a code, for registration. */
export async function findCode(
  tx: Tx,
  code: string,
): Promise<{ couponId: bigint; endTime: Date; isInPeriod: boolean; hasStock: boolean } | undefined> {
  const [row] = await tx.query<{ couponId: bigint; endTime: Date; inPeriod: bigint; inStock: bigint }>(
    `SELECT coupon_id, end_time, NOW(6) >= start_time AND NOW(6) < end_time AS in_period,
            issued_count < stock_count AS in_stock
       FROM coupon WHERE code = ?`,
    [code],
  );
  return (
    row && {
      couponId: row.couponId,
      endTime: row.endTime,
      isInPeriod: Number(row.inPeriod) === 1,
      hasStock: Number(row.inStock) === 1,
    }
  );
}

/** Takes one user coupon from the stock. Returns false where none is left. */
export async function takeFromStock(tx: Tx, couponId: bigint): Promise<boolean> {
  const { affectedRows } = await tx.execute(
    "UPDATE coupon SET issued_count = issued_count + 1 WHERE coupon_id = ? AND issued_count < stock_count",
    [couponId],
  );
  return affectedRows === 1;
}
