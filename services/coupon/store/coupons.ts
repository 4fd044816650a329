import { create } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type Coupon,
  CouponSchema,
  CouponScope,
  type CouponTerms,
  type CreateCouponRequest,
  DiscountKind,
} from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { type Queryable, type Tx, violatedKey } from "#kit/database.ts";

/** The columns of `coupon` that make up its terms. */
export interface TermsRow {
  title: string;
  scope: "LINE" | "PURCHASE";
  kind: "FIXED" | "PERCENT";
  value: bigint;
  minimum_points: bigint;
  maximum_discount_points: bigint;
  target_question_id: bigint;
  target_creator_id: bigint;
  target_category_id: bigint;
  stackable: number;
}

interface CouponRow extends TermsRow {
  coupon_id: bigint;
  code: string;
  stock_count: bigint;
  issued_count: bigint;
  start_time: Date;
  end_time: Date;
}

/** The names of those columns, for a SELECT with the alias `c`. */
export const termsColumns = `c.title, c.scope, c.kind, c.value, c.minimum_points, c.maximum_discount_points,
  c.target_question_id, c.target_creator_id, c.target_category_id, c.stackable`;
const couponColumns = `c.coupon_id, c.code, c.stock_count, c.issued_count, c.start_time, c.end_time, ${termsColumns}`;

/** Adds a coupon. Returns undefined where another one has the code. */
export async function insertCoupon(tx: Tx, request: CreateCouponRequest): Promise<bigint | undefined> {
  const { code, terms, stockCount, startTime, endTime } = request;
  if (terms === undefined || endTime === undefined) {
    throw new TypeError("the contract requires terms and end");
  }
  try {
    const { insertId } = await tx.execute(
      `INSERT INTO coupon (code, title, scope, kind, value, minimum_points, maximum_discount_points, target_question_id,
         target_creator_id, target_category_id, stackable, stock_count, start_time, end_time)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, COALESCE(?, NOW(6)), ?)`,
      [
        code,
        terms.title,
        terms.scope === CouponScope.LINE ? "LINE" : "PURCHASE",
        terms.kind === DiscountKind.FIXED ? "FIXED" : "PERCENT",
        terms.value,
        terms.minimumPoints,
        terms.maximumDiscountPoints,
        terms.targetQuestionId,
        terms.targetCreatorId,
        terms.targetCategoryId,
        terms.stackable,
        stockCount,
        startTime === undefined ? null : timestampDate(startTime),
        timestampDate(endTime),
      ],
    );
    return insertId;
  } catch (error) {
    if (violatedKey(error) === "uq_coupon_code") {
      return undefined;
    }
    throw error;
  }
}

/** Reads a coupon by its id. */
export async function findCoupon(from: Queryable, couponId: bigint): Promise<Coupon | undefined> {
  const [row] = await from.query<CouponRow>(`SELECT ${couponColumns} FROM coupon c WHERE c.coupon_id = ?`, [
    couponId,
  ]);
  return row && toCoupon(row);
}

/** Reads coupons by falling id, below `beforeId` where it is given. */
export async function listCoupons(
  from: Queryable,
  beforeId: bigint | undefined,
  limit: number,
): Promise<Coupon[]> {
  const rows = await from.query<CouponRow>(
    `SELECT ${couponColumns} FROM coupon c WHERE c.coupon_id < ? ORDER BY c.coupon_id DESC LIMIT ?`,
    [beforeId ?? 2n ** 63n - 1n, limit],
  );
  return rows.map(toCoupon);
}

/** Ends a coupon now unless it has ended. Returns false where there is none. */
export async function endCoupon(tx: Tx, couponId: bigint): Promise<boolean> {
  const { affectedRows } = await tx.execute(
    "UPDATE coupon SET end_time = LEAST(end_time, NOW(6)) WHERE coupon_id = ?",
    [couponId],
  );
  return affectedRows === 1;
}

/** Reads what registration needs to know of a code. */
export async function findCode(
  tx: Tx,
  code: string,
): Promise<{ couponId: bigint; running: boolean; left: boolean } | undefined> {
  const [row] = await tx.query<{ coupon_id: bigint; running: number; left_over: number }>(
    `SELECT coupon_id, NOW(6) >= start_time AND NOW(6) < end_time AS running, issued_count < stock_count AS left_over
       FROM coupon WHERE code = ?`,
    [code],
  );
  return (
    row && {
      couponId: row.coupon_id,
      running: Number(row.running) === 1,
      left: Number(row.left_over) === 1,
    }
  );
}

/** Takes one piece from the stock. Returns false where none is left. */
export async function takePiece(tx: Tx, couponId: bigint): Promise<boolean> {
  const { affectedRows } = await tx.execute(
    "UPDATE coupon SET issued_count = issued_count + 1 WHERE coupon_id = ? AND issued_count < stock_count",
    [couponId],
  );
  return affectedRows === 1;
}

/** Terms as the contract says them. */
export function toTerms(row: TermsRow): Omit<CouponTerms, "$typeName"> {
  return {
    title: row.title,
    scope: CouponScope[row.scope],
    kind: DiscountKind[row.kind],
    value: row.value,
    minimumPoints: row.minimum_points,
    maximumDiscountPoints: row.maximum_discount_points,
    targetQuestionId: row.target_question_id,
    targetCreatorId: row.target_creator_id,
    targetCategoryId: row.target_category_id,
    stackable: row.stackable === 1,
  };
}

function toCoupon(row: CouponRow): Coupon {
  return create(CouponSchema, {
    couponId: row.coupon_id,
    code: row.code,
    terms: toTerms(row),
    stockCount: row.stock_count,
    issuedCount: row.issued_count,
    startTime: timestampFromDate(row.start_time),
    endTime: timestampFromDate(row.end_time),
  });
}
