import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import type { Handler } from "#kit/route.ts";
import { notFound, promotionConflict, wrongPromotionPrice } from "../failures.ts";
import { newPeriod, overlap } from "../promotion-period.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { lockAuthored } from "../store/authored.ts";
import { findOpenPromotions, insertPromotion, readClockMs } from "../store/promotions.ts";

export function addPromotion({ database }: Dependencies): Handler<typeof CatalogService.method.addPromotion> {
  return ({ creatorId, questionId, content }) =>
    database.transaction(async tx => {
      // The lock on the question keeps two promotions, and a promotion and a lower price, apart.
      const question = await lockAuthored(tx, { creatorId, questionId });
      if (question === undefined) {
        throw notFound();
      }
      if (content?.endTime === undefined) {
        throw new TypeError("the contract requires content with an end");
      }
      const nowMs = await readClockMs(tx);
      const startMs = content.startTime && timestampMs(content.startTime);
      const period = newPeriod({ startMs, endMs: timestampMs(content.endTime) }, nowMs);
      if (content.salePricePoints >= question.content.pricePoints) {
        throw wrongPromotionPrice();
      }
      const others = await findOpenPromotions(tx, questionId);
      if (others.some(other => overlap(other.period, period))) {
        throw promotionConflict();
      }
      const { title, salePricePoints } = content;
      return { promotion: await insertPromotion(tx, { questionId, title, salePricePoints, period }) };
    });
}

type Dependencies = Pick<QuestionFloor, "database">;
