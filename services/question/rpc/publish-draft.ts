import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import type { Handler } from "#kit/route.ts";
import { toEditable } from "../answers.ts";
import { notFound, notReady } from "../failures.ts";
import { missingFiles } from "../file-set.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { findAuthored, lockAuthored, publish } from "../store/authored.ts";

export function publishDraft({
  database,
  files,
}: Dependencies): Handler<typeof CatalogService.method.publishDraft> {
  return async authorship => {
    const question = await database.transaction(async tx => {
      const current = await lockAuthored(tx, authorship);
      if (current === undefined) {
        throw notFound();
      }
      const missing = missingFiles(current.files);
      if (missing.length > 0) {
        throw notReady(missing);
      }
      await publish(tx, current.questionId);
      return findAuthored(tx, authorship);
    });
    if (question === undefined) {
      throw notFound();
    }
    return { question: await toEditable(question, files) };
  };
}

type Dependencies = Pick<QuestionFloor, "database" | "files">;
