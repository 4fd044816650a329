import type { ModerationService } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findModerated } from "../db/moderated.ts";
import { notFound } from "../failures.ts";
import { toModeratedQuestion } from "../to-proto.ts";

export function getModeratedQuestion(
  app: Dependencies,
): Handler<typeof ModerationService.method.getModeratedQuestion> {
  const { database, files } = app;
  return async ({ questionId }) => {
    const question = await findModerated(database, questionId);
    if (question === undefined) {
      throw notFound();
    }
    return { question: await toModeratedQuestion(question, files) };
  };
}

type Dependencies = Pick<App, "database" | "files">;
