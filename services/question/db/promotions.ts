import { DataTypes, literal, Op } from "sequelize";
import type { Queryable, Tx } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import type { Period } from "../domain/promotion-period.ts";

/** A promotion of a question. */
export interface PromotionRow extends Period {
  readonly promotionId: bigint;
  readonly questionId: bigint;
  readonly title: string;
  readonly salePricePoints: bigint;
}

const promotions = table<PromotionRow>("promotion", {
  promotionId: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
  questionId: DataTypes.BIGINT,
  title: DataTypes.STRING,
  salePricePoints: DataTypes.BIGINT,
  startTime: DataTypes.DATE(6),
  endTime: DataTypes.DATE(6),
});

/** The time by the database's clock. */
export async function readClock(from: Queryable): Promise<Date> {
  const [row] = await from.query<{ now: Date }>("SELECT NOW(6) AS now");
  if (row === undefined) {
    throw new TypeError("a SELECT without FROM gives one row");
  }
  return row.now;
}

/** Reads the promotions of a question that are active or will be. */
export function findOpenPromotions(from: Queryable, questionId: bigint): Promise<PromotionRow[]> {
  return promotions(from).list({ where: { questionId, endTime: { [Op.gt]: literal("NOW(6)") } } });
}

export function insertPromotion(tx: Tx, promotion: Omit<PromotionRow, "promotionId">): Promise<bigint> {
  return promotions(tx).insert(promotion);
}

/** Ends a promotion of a question now unless it has ended. Returns it, or undefined where there is none. */
export async function endPromotion(
  tx: Tx,
  { questionId, promotionId }: { questionId: bigint; promotionId: bigint },
): Promise<PromotionRow | undefined> {
  await tx.execute(
    "UPDATE promotion SET end_time = LEAST(end_time, NOW(6)) WHERE promotion_id = ? AND question_id = ?",
    [promotionId, questionId],
  );
  return promotions(tx).find({ where: { promotionId, questionId } });
}

/** Reads the promotions of a question, latest start first. */
export function findPromotions(from: Queryable, questionId: bigint, limit: number): Promise<PromotionRow[]> {
  return promotions(from).list({
    where: { questionId },
    order: [
      ["startTime", "DESC"],
      ["promotionId", "DESC"],
    ],
    limit,
  });
}
