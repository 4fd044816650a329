import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { markDeleted } from "../db/authored.ts";
import { notFound } from "../failures.ts";
import { requireCreator } from "../require-creator.ts";

export function deleteQuestion(app: Dependencies): Handler<typeof AuthoringService.method.deleteQuestion> {
  return async ({ questionId }, context) => {
    const creatorId = await requireCreator(app, context);
    if (!(await app.database.transaction(tx => markDeleted(tx, { creatorId, questionId })))) {
      throw notFound();
    }
    return {};
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory">;
