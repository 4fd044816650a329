import type { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listAuthored } from "../db/authored.ts";
import { requireCreator } from "../require-creator.ts";
import { toEditableQuestion } from "../to-proto.ts";

export function listOwnQuestions(
  app: Dependencies,
): Handler<typeof AuthoringService.method.listOwnQuestions> {
  const { database, pageTokens, files } = app;
  return async (request, context) => {
    const creatorId = await requireCreator(app, context);
    const { rows, nextPageToken } = await pageTokens.readPage(["own-questions", creatorId], request, page =>
      listAuthored(database, creatorId, page),
    );
    const questions = await Promise.all(rows.map(row => toEditableQuestion(row, files)));
    return { questions, nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory" | "pageTokens" | "files">;
