import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { missingFiles } from "../domain/file-set.ts";
import type { QuestionState } from "../domain/question.ts";
import { questionNotReady, wrongQuestionState } from "../failures.ts";
import { changeState } from "../publish-change.ts";
import { requireAuthored, requireLocked } from "../require-authored.ts";
import { requireCreator } from "../require-creator.ts";
import { toEditableQuestion } from "../to-proto.ts";

const offSale: readonly QuestionState[] = ["DRAFT", "UNPUBLISHED"];

export function publishQuestion(app: Dependencies): Handler<typeof AuthoringService.method.publishQuestion> {
  const { database, files, config } = app;
  return async ({ questionId }, context) => {
    const authorship = { creatorId: await requireCreator(app, context), questionId };
    const question = await database.transaction(async tx => {
      const current = await requireLocked(tx, authorship);
      if (current.state === "SUSPENDED") {
        throw wrongQuestionState(current.state);
      }
      const missing = missingFiles(current.files);
      if (missing.length > 0) {
        throw questionNotReady(missing);
      }
      const to = config.review.required ? "IN_REVIEW" : "PUBLISHED";
      await changeState(app, tx, questionId, { from: offSale, to });
      return requireAuthored(tx, authorship);
    });
    return { question: await toEditableQuestion(question, files) };
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "files" | "config" | "outbox" | "search">;
