import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findOpenPromotions } from "../db/promotions.ts";
import { insertNextVersion } from "../db/versions.ts";
import { editConflict, wrongPromotionPrice } from "../failures.ts";
import { publishChange } from "../publish-change.ts";
import { requireAuthored, requireLocked } from "../require-authored.ts";
import { requireCategory } from "../require-category.ts";
import { requireCreator } from "../require-creator.ts";
import { reviewAgain } from "../review-again.ts";
import { fromContent, toEditableQuestion } from "../to-proto.ts";

export function updateQuestion(app: Dependencies): Handler<typeof AuthoringService.method.updateQuestion> {
  const { database, files } = app;
  return async ({ questionId, version, content: sent }, context) => {
    const authorship = { creatorId: await requireCreator(app, context), questionId };
    const content = fromContent(sent);
    const question = await database.transaction(async tx => {
      const current = await requireLocked(tx, authorship);
      if (current.version !== version) {
        throw editConflict();
      }
      await requireCategory(tx, content);
      const promotions = await findOpenPromotions(tx, questionId);
      if (promotions.some(promotion => promotion.salePricePoints >= content.pricePoints)) {
        throw wrongPromotionPrice();
      }
      if (!(await insertNextVersion(tx, current, { content, files: current.files }))) {
        throw editConflict();
      }
      if (!(await reviewAgain(app, tx, questionId))) {
        await publishChange(app, tx, questionId);
      }
      return requireAuthored(tx, authorship);
    });
    return { question: await toEditableQuestion(question, files) };
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "files" | "config" | "outbox" | "search">;
