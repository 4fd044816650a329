import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findAuthored, lockAuthored, publish } from "../db/authored.ts";
import { missingFiles } from "../domain/file-set.ts";
import { notFound, questionNotReady } from "../failures.ts";
import { requireCreator } from "../require-creator.ts";
import { toEditableQuestion } from "../to-proto.ts";

export function publishQuestion(app: Dependencies): Handler<typeof AuthoringService.method.publishQuestion> {
  const { database, files } = app;
  return async ({ questionId }, context) => {
    const authorship = { creatorId: await requireCreator(app, context), questionId };
    const question = await database.transaction(async tx => {
      const current = await lockAuthored(tx, authorship);
      if (current === undefined) {
        throw notFound();
      }
      const missing = missingFiles(current.files);
      if (missing.length > 0) {
        throw questionNotReady(missing);
      }
      await publish(tx, questionId);
      return findAuthored(tx, authorship);
    });
    if (question === undefined) {
      throw notFound();
    }
    return { question: await toEditableQuestion(question, files) };
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "files">;
