import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { requireAuthored } from "../require-authored.ts";
import { requireCreator } from "../require-creator.ts";
import { toEditableQuestion } from "../to-proto.ts";

export function getOwnQuestion(app: Dependencies): Handler<typeof AuthoringService.method.getOwnQuestion> {
  return async ({ questionId }, context) => {
    const creatorId = await requireCreator(app, context);
    const question = await requireAuthored(app.database, { creatorId, questionId });
    return { question: await toEditableQuestion(question, app.files) };
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "files">;
