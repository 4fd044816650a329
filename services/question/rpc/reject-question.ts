import type { ModerationService } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { moveQuestion } from "../db/question-states.ts";
import { moderate } from "../moderate.ts";

export function rejectQuestion(app: Dependencies): Handler<typeof ModerationService.method.rejectQuestion> {
  return ({ questionId, version, reason }, context) =>
    moderate(app, context, {
      action: "question.reject",
      questionId,
      version,
      reason,
      apply: tx => moveQuestion(tx, questionId, { from: ["IN_REVIEW"], to: "DRAFT", reason }),
    });
}

type Dependencies = Pick<App, "database" | "files">;
