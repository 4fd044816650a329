import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { wrongQuestionState } from "../failures.ts";
import { changeState } from "../publish-change.ts";
import { requireAuthored, requireLocked } from "../require-authored.ts";
import { requireCreator } from "../require-creator.ts";
import { toEditableQuestion } from "../to-proto.ts";

export function unpublishQuestion(
  app: Dependencies,
): Handler<typeof AuthoringService.method.unpublishQuestion> {
  const { database, files } = app;
  return async ({ questionId }, context) => {
    const authorship = { creatorId: await requireCreator(app, context), questionId };
    const question = await database.transaction(async tx => {
      const { state } = await requireLocked(tx, authorship);
      if (state === "SUSPENDED") {
        throw wrongQuestionState(state);
      }
      await changeState(app, tx, questionId, { from: ["PUBLISHED"], to: "UNPUBLISHED" });
      await changeState(app, tx, questionId, { from: ["IN_REVIEW"], to: "DRAFT" });
      return requireAuthored(tx, authorship);
    });
    return { question: await toEditableQuestion(question, files) };
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "files" | "outbox" | "search">;
