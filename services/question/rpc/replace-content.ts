import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import type { Handler } from "#kit/route.ts";
import { toEditable } from "../answers.ts";
import { requireContent } from "../content.ts";
import { editConflict, notFound, wrongPromotionPrice } from "../failures.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { findAuthored, lockAuthored } from "../store/authored.ts";
import { findOpenPromotions } from "../store/promotions.ts";
import { writeVersion } from "../store/versions.ts";

export function replaceContent({
  database,
  files,
}: Dependencies): Handler<typeof CatalogService.method.replaceContent> {
  return async ({ creatorId, questionId, version, content: sent }) => {
    const question = await database.transaction(async tx => {
      const current = await lockAuthored(tx, { creatorId, questionId });
      if (current === undefined) {
        throw notFound();
      }
      if (current.version !== version) {
        throw editConflict();
      }
      const content = await requireContent(tx, sent);
      const promotions = await findOpenPromotions(tx, questionId);
      if (promotions.some(promotion => promotion.salePricePoints >= content.pricePoints)) {
        throw wrongPromotionPrice();
      }
      if (!(await writeVersion(tx, { questionId, version }, { content, files: current.files }))) {
        throw editConflict();
      }
      return findAuthored(tx, { creatorId, questionId });
    });
    if (question === undefined) {
      throw notFound();
    }
    return { question: await toEditable(question, files) };
  };
}

type Dependencies = Pick<QuestionFloor, "database" | "files">;
