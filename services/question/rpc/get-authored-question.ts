import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import type { Handler } from "#kit/route.ts";
import { toEditable } from "../answers.ts";
import { notFound } from "../failures.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { findAuthored } from "../store/authored.ts";

export function getAuthoredQuestion({
  database,
  files,
}: Dependencies): Handler<typeof CatalogService.method.getAuthoredQuestion> {
  return async authorship => {
    const question = await findAuthored(database, authorship);
    if (question === undefined) {
      throw notFound();
    }
    return { question: await toEditable(question, files) };
  };
}

type Dependencies = Pick<QuestionFloor, "database" | "files">;
