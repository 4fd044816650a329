import type { ModerationService } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { moderate } from "../moderate.ts";
import { putOnSale } from "../put-on-sale.ts";

export function approveQuestion(app: Dependencies): Handler<typeof ModerationService.method.approveQuestion> {
  return ({ questionId, version }, context) =>
    moderate(app, context, {
      action: "question.approve",
      questionId,
      version,
      reason: "",
      apply: tx => putOnSale(tx, questionId, ["IN_REVIEW"]),
    });
}

type Dependencies = Pick<App, "database" | "files">;
