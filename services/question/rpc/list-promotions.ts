import type { PromotionService } from "#gen/questioncloud/question/v1/promotion_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findPromotions } from "../db/promotions.ts";
import { toPromotion } from "../promotion-to-proto.ts";
import { requireAuthored } from "../require-authored.ts";
import { requireCreator } from "../require-creator.ts";

const maxPromotions = 100;

export function listPromotions(app: Dependencies): Handler<typeof PromotionService.method.listPromotions> {
  const { database } = app;
  return async ({ questionId }, context) => {
    const creatorId = await requireCreator(app, context);
    await requireAuthored(database, { creatorId, questionId });
    const promotions = await findPromotions(database, questionId, maxPromotions);
    return { promotions: promotions.map(toPromotion) };
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory">;
