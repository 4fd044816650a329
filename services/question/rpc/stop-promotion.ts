import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import type { Handler } from "#kit/route.ts";
import { notFound } from "../failures.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { lockAuthored } from "../store/authored.ts";
import { endPromotion } from "../store/promotions.ts";

export function stopPromotion({
  database,
}: Dependencies): Handler<typeof CatalogService.method.stopPromotion> {
  return ({ creatorId, questionId, promotionId }) =>
    database.transaction(async tx => {
      const question = await lockAuthored(tx, { creatorId, questionId });
      const promotion = question && (await endPromotion(tx, { questionId, promotionId }));
      if (promotion === undefined) {
        throw notFound();
      }
      return { promotion };
    });
}

type Dependencies = Pick<QuestionFloor, "database">;
