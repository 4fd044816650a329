import type { ModerationService } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { moderate } from "../moderate.ts";
import { changeState } from "../publish-change.ts";

export function suspendQuestion(app: Dependencies): Handler<typeof ModerationService.method.suspendQuestion> {
  return ({ questionId, reason }, context) =>
    moderate(app, context, {
      action: "question.suspend",
      questionId,
      reason,
      apply: (tx, { state }) =>
        changeState(app, tx, questionId, {
          from: ["PUBLISHED", "UNPUBLISHED"],
          to: "SUSPENDED",
          reason,
          restoreState: state,
        }),
    });
}

type Dependencies = Pick<App, "database" | "files" | "outbox" | "search">;
