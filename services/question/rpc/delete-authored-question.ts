import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import type { Handler } from "#kit/route.ts";
import { notFound } from "../failures.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { deleteQuestion } from "../store/authored.ts";

export function deleteAuthoredQuestion({
  database,
}: Dependencies): Handler<typeof CatalogService.method.deleteAuthoredQuestion> {
  return async authorship => {
    if (!(await deleteQuestion(database, authorship))) {
      throw notFound();
    }
    return {};
  };
}

type Dependencies = Pick<QuestionFloor, "database">;
