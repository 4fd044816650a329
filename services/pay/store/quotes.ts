import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CouponScope } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import type { CouponDiscountSchema, PricedLineSchema } from "#gen/questioncloud/pay/v1/pay_pb.ts";
import type { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Queryable, SqlValue, Tx } from "#kit/database.ts";
import type { Price } from "../pricing.ts";

interface LineRow {
  purchase_id: string;
  question_id: bigint;
  version: number;
  title: string;
  creator_id: bigint;
  creator_name: string;
  subject: Subject;
  category_id: bigint;
  parent_category_title: string;
  category_title: string;
  level: number;
  original_points: bigint;
  promotion_id: bigint;
  promotion_title: string;
  promotion_discount_points: bigint;
  coupon_discount_points: bigint;
  amount_points: bigint;
}

interface DiscountRow {
  purchase_id: string;
  user_coupon_id: bigint;
  title: string;
  scope: CouponScope;
  question_id: bigint;
  discount_points: bigint;
}

const lineColumns = `purchase_id, line_number, question_id, version, title, creator_id, creator_name, subject, category_id,
  parent_category_title, category_title, level, original_points, promotion_id, promotion_title, promotion_discount_points,
  coupon_discount_points, amount_points`;
const discountColumns =
  "purchase_id, discount_number, user_coupon_id, title, scope, question_id, discount_points";

/** Writes the lines of a purchase. */
export async function insertLines(tx: Tx, purchaseId: string, lines: Price["lines"]): Promise<void> {
  const rows = lines.map((line, index) => [
    purchaseId,
    index,
    line.questionId,
    line.version,
    line.title,
    line.creatorId,
    line.creatorName,
    line.subject,
    line.categoryId,
    line.parentCategoryTitle,
    line.categoryTitle,
    line.level,
    line.originalPoints,
    line.promotionId,
    line.promotionTitle,
    line.promotionDiscountPoints,
    line.couponDiscountPoints,
    line.amountPoints,
  ]);
  await insertRows(tx, `INSERT INTO purchase_line (${lineColumns}) VALUES`, rows);
}

/** Writes the discounts of a purchase. */
export async function insertDiscounts(
  tx: Tx,
  purchaseId: string,
  discounts: Price["discounts"],
): Promise<void> {
  const rows = discounts.map((discount, index) => [
    purchaseId,
    index,
    discount.userCouponId,
    discount.title,
    discount.scope,
    discount.questionId,
    discount.discountPoints,
  ]);
  await insertRows(tx, `INSERT INTO purchase_discount (${discountColumns}) VALUES`, rows);
}

async function insertRows(tx: Tx, insert: string, rows: readonly SqlValue[][]): Promise<void> {
  if (rows.length > 0) {
    const places = rows.map(row => `(${row.map(() => "?").join(", ")})`);
    await tx.execute(`${insert} ${places.join(", ")}`, rows.flat());
  }
}

/** Reads the lines of purchases, by purchase. */
export async function readLines(from: Queryable, purchaseIds: readonly string[]) {
  const rows = await from.query<LineRow>(
    `SELECT ${lineColumns} FROM purchase_line WHERE purchase_id IN (?) ORDER BY purchase_id, line_number`,
    [purchaseIds],
  );
  return groupByPurchase(rows, toLine);
}

/** Reads the discounts of purchases, by purchase. */
export async function readDiscounts(from: Queryable, purchaseIds: readonly string[]) {
  const rows = await from.query<DiscountRow>(
    `SELECT ${discountColumns} FROM purchase_discount WHERE purchase_id IN (?) ORDER BY purchase_id, discount_number`,
    [purchaseIds],
  );
  return groupByPurchase(rows, toDiscount);
}

function groupByPurchase<Row extends { purchase_id: string }, T>(
  rows: readonly Row[],
  convert: (row: Row) => T,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    groups.set(row.purchase_id, [...(groups.get(row.purchase_id) ?? []), convert(row)]);
  }
  return groups;
}

function toLine(row: LineRow): MessageInitShape<typeof PricedLineSchema> {
  return {
    questionId: row.question_id,
    version: row.version,
    title: row.title,
    creatorId: row.creator_id,
    creatorName: row.creator_name,
    subject: row.subject,
    categoryId: row.category_id,
    parentCategoryTitle: row.parent_category_title,
    categoryTitle: row.category_title,
    level: row.level,
    originalPoints: row.original_points,
    promotionId: row.promotion_id,
    promotionTitle: row.promotion_title,
    promotionDiscountPoints: row.promotion_discount_points,
    couponDiscountPoints: row.coupon_discount_points,
    amountPoints: row.amount_points,
  };
}

function toDiscount(row: DiscountRow): MessageInitShape<typeof CouponDiscountSchema> {
  return {
    userCouponId: row.user_coupon_id,
    title: row.title,
    scope: row.scope,
    questionId: row.question_id,
    discountPoints: row.discount_points,
  };
}
