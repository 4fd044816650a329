import type { ReviewReplyService } from "#gen/questioncloud/review/v1/review_reply_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { removeReply } from "../db/replies.ts";
import { requireReplying } from "../require-replying.ts";

export function deleteReviewReply(
  app: Dependencies,
): Handler<typeof ReviewReplyService.method.deleteReviewReply> {
  return async ({ reviewId }, context) => {
    await requireReplying(app, reviewId, context);
    await app.database.transaction(tx => removeReply(tx, reviewId));
    return {};
  };
}

type Dependencies = Pick<App, "database" | "entitlements">;
