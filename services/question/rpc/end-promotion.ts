import type { PromotionService } from "#gen/questioncloud/question/v1/promotion_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { endPromotion as endNow } from "../db/promotions.ts";
import { notFound } from "../failures.ts";
import { toPromotion } from "../promotion-to-proto.ts";
import { requireLocked } from "../require-authored.ts";
import { requireCreator } from "../require-creator.ts";

export function endPromotion(app: Dependencies): Handler<typeof PromotionService.method.endPromotion> {
  return async ({ questionId, promotionId }, context) => {
    const creatorId = await requireCreator(app, context);
    return app.database.transaction(async tx => {
      await requireLocked(tx, { creatorId, questionId });
      const promotion = await endNow(tx, { questionId, promotionId });
      if (promotion === undefined) {
        throw notFound();
      }
      return { promotion: toPromotion(promotion) };
    });
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory">;
