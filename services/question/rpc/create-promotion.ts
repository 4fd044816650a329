import type { PromotionService } from "#gen/questioncloud/question/v1/promotion_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findOpenPromotions, insertPromotion, readClock } from "../db/promotions.ts";
import { newPeriod, overlap } from "../domain/promotion-period.ts";
import { promotionConflict, wrongPromotionPrice } from "../failures.ts";
import { fromPromotionContent, toPromotion } from "../promotion-to-proto.ts";
import { requireLocked } from "../require-authored.ts";
import { requireCreator } from "../require-creator.ts";

export function createPromotion(app: Dependencies): Handler<typeof PromotionService.method.createPromotion> {
  return async ({ questionId, content }, context) => {
    const creatorId = await requireCreator(app, context);
    return app.database.transaction(async tx => {
      // The lock on the question prevents races between two promotions, and with a change of the price.
      const question = await requireLocked(tx, { creatorId, questionId });
      const requested = fromPromotionContent(content);
      const period = newPeriod(requested, await readClock(tx));
      if (requested.salePricePoints >= question.pricePoints) {
        throw wrongPromotionPrice();
      }
      const others = await findOpenPromotions(tx, questionId);
      if (others.some(other => overlap(other, period))) {
        throw promotionConflict();
      }
      const promotion = { ...requested, ...period, questionId };
      const promotionId = await insertPromotion(tx, promotion);
      return { promotion: toPromotion({ ...promotion, promotionId }) };
    });
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory">;
