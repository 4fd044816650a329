import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import type { Handler } from "#kit/route.ts";
import { notFound } from "../failures.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { findAuthored } from "../store/authored.ts";
import { listPromotions } from "../store/promotions.ts";

const longestList = 100;

export function listAuthoredPromotions({
  database,
}: Dependencies): Handler<typeof CatalogService.method.listAuthoredPromotions> {
  return async authorship => {
    if ((await findAuthored(database, authorship)) === undefined) {
      throw notFound();
    }
    return { promotions: await listPromotions(database, authorship.questionId, longestList) };
  };
}

type Dependencies = Pick<QuestionFloor, "database">;
