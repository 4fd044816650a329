import type { ModerationService } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { moderate } from "../moderate.ts";
import { changeState } from "../publish-change.ts";

export function restoreQuestion(app: Dependencies): Handler<typeof ModerationService.method.restoreQuestion> {
  return ({ questionId, version, reason }, context) =>
    moderate(app, context, {
      action: "question.restore",
      questionId,
      version,
      reason,
      apply: (tx, { restoreState }) =>
        changeState(app, tx, questionId, { from: ["SUSPENDED"], to: restoreState ?? "PUBLISHED" }),
    });
}

type Dependencies = Pick<App, "database" | "files" | "outbox" | "search">;
