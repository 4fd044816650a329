import type { ModerationService } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { moderate } from "../moderate.ts";
import { changeState } from "../publish-change.ts";

export function approveQuestion(app: Dependencies): Handler<typeof ModerationService.method.approveQuestion> {
  return ({ questionId, version }, context) =>
    moderate(app, context, {
      action: "question.approve",
      questionId,
      version,
      reason: "",
      apply: tx => changeState(app, tx, questionId, { from: ["IN_REVIEW"], to: "PUBLISHED" }),
    });
}

type Dependencies = Pick<App, "database" | "files" | "outbox" | "search">;
