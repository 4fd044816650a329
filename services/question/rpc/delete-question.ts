import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { isAuthor } from "../db/authored.ts";
import type { QuestionState } from "../domain/question.ts";
import { notFound } from "../failures.ts";
import { changeState } from "../publish-change.ts";
import { requireCreator } from "../require-creator.ts";

const notDeleted: readonly QuestionState[] = ["DRAFT", "IN_REVIEW", "PUBLISHED", "UNPUBLISHED", "SUSPENDED"];

export function deleteQuestion(app: Dependencies): Handler<typeof AuthoringService.method.deleteQuestion> {
  return async ({ questionId }, context) => {
    const creatorId = await requireCreator(app, context);
    await app.database.transaction(async tx => {
      if (!(await isAuthor(tx, { creatorId, questionId }))) {
        throw notFound();
      }
      await changeState(app, tx, questionId, { from: notDeleted, to: "DELETED" });
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "outbox" | "search">;
