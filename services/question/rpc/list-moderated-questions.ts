import { ModerationQueue, type ModerationService } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listModerated } from "../db/moderated.ts";
import { toModeratedQuestion } from "../to-proto.ts";

export function listModeratedQuestions({
  database,
  pageTokens,
  files,
}: Dependencies): Handler<typeof ModerationService.method.listModeratedQuestions> {
  return async request => {
    const state = request.queue === ModerationQueue.SUSPENDED ? "SUSPENDED" : "IN_REVIEW";
    const { rows, nextPageToken } = await pageTokens.readPage(["moderated-questions", state], request, page =>
      listModerated(database, state, page),
    );
    return { questions: await Promise.all(rows.map(row => toModeratedQuestion(row, files))), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens" | "files">;
