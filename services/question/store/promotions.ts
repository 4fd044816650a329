import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Promotion, PromotionSchema } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Queryable, Tx } from "#kit/database.ts";
import type { Period } from "../promotion-period.ts";

/** A promotion that has not ended. */
export interface OpenPromotion {
  readonly period: Period;
  readonly salePricePoints: bigint;
}

interface Row {
  promotion_id: bigint;
  question_id: bigint;
  title: string;
  sale_price_points: bigint;
  start_time: Date;
  end_time: Date;
}

const select =
  "SELECT promotion_id, question_id, title, sale_price_points, start_time, end_time FROM promotion";

/** The database's clock, in milliseconds since the epoch. */
export async function readClockMs(from: Queryable): Promise<number> {
  const [row] = await from.query<{ now: Date }>("SELECT NOW(6) AS now");
  return row?.now.getTime() ?? Number.NaN;
}

/** Reads the promotions of a question that run or will run. */
export async function findOpenPromotions(from: Queryable, questionId: bigint): Promise<OpenPromotion[]> {
  const rows = await from.query<Row>(`${select} WHERE question_id = ? AND end_time > NOW(6)`, [questionId]);
  return rows.map(row => ({
    period: { startMs: row.start_time.getTime(), endMs: row.end_time.getTime() },
    salePricePoints: row.sale_price_points,
  }));
}

/** Adds a promotion. */
export async function insertPromotion(
  tx: Tx,
  {
    questionId,
    title,
    salePricePoints,
    period,
  }: { questionId: bigint; title: string; salePricePoints: bigint; period: Period },
): Promise<Promotion> {
  const { insertId } = await tx.execute(
    "INSERT INTO promotion (question_id, title, sale_price_points, start_time, end_time) VALUES (?, ?, ?, ?, ?)",
    [questionId, title, salePricePoints, new Date(period.startMs), new Date(period.endMs)],
  );
  return create(PromotionSchema, {
    promotionId: insertId,
    questionId,
    title,
    salePricePoints,
    startTime: timestampFromDate(new Date(period.startMs)),
    endTime: timestampFromDate(new Date(period.endMs)),
  });
}

/** Ends a promotion of a question now unless it has ended. Returns it, or undefined where there is none. */
export async function endPromotion(
  tx: Tx,
  { questionId, promotionId }: { questionId: bigint; promotionId: bigint },
): Promise<Promotion | undefined> {
  await tx.execute(
    "UPDATE promotion SET end_time = LEAST(end_time, NOW(6)) WHERE promotion_id = ? AND question_id = ?",
    [promotionId, questionId],
  );
  const [row] = await tx.query<Row>(`${select} WHERE promotion_id = ? AND question_id = ?`, [
    promotionId,
    questionId,
  ]);
  return row && toPromotion(row);
}

/** Reads the promotions of a question, latest begin first. */
export async function listPromotions(
  from: Queryable,
  questionId: bigint,
  limit: number,
): Promise<Promotion[]> {
  const rows = await from.query<Row>(
    `${select} WHERE question_id = ? ORDER BY start_time DESC, promotion_id DESC LIMIT ?`,
    [questionId, limit],
  );
  return rows.map(toPromotion);
}

function toPromotion(row: Row): Promotion {
  return create(PromotionSchema, {
    promotionId: row.promotion_id,
    questionId: row.question_id,
    title: row.title,
    salePricePoints: row.sale_price_points,
    startTime: timestampFromDate(row.start_time),
    endTime: timestampFromDate(row.end_time),
  });
}
