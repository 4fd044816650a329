import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findAuthored } from "../db/authored.ts";
import { notFound } from "../failures.ts";
import { requireCreator } from "../require-creator.ts";
import { toEditableQuestion } from "../to-proto.ts";

export function getOwnQuestion(app: Dependencies): Handler<typeof AuthoringService.method.getOwnQuestion> {
  return async ({ questionId }, context) => {
    const creatorId = await requireCreator(app, context);
    const question = await findAuthored(app.database, { creatorId, questionId });
    if (question === undefined) {
      throw notFound();
    }
    return { question: await toEditableQuestion(question, app.files) };
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "files">;
