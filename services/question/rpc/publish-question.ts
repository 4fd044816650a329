import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { publish } from "../db/authored.ts";
import { missingFiles } from "../domain/file-set.ts";
import { questionNotReady } from "../failures.ts";
import { requireAuthored, requireLocked } from "../require-authored.ts";
import { requireCreator } from "../require-creator.ts";
import { toEditableQuestion } from "../to-proto.ts";

export function publishQuestion(app: Dependencies): Handler<typeof AuthoringService.method.publishQuestion> {
  const { database, files } = app;
  return async ({ questionId }, context) => {
    const authorship = { creatorId: await requireCreator(app, context), questionId };
    const question = await database.transaction(async tx => {
      const current = await requireLocked(tx, authorship);
      const missing = missingFiles(current.files);
      if (missing.length > 0) {
        throw questionNotReady(missing);
      }
      await publish(tx, questionId);
      return requireAuthored(tx, authorship);
    });
    return { question: await toEditableQuestion(question, files) };
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "files">;
