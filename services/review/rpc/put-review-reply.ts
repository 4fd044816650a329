import type { ReviewReplyService } from "#gen/questioncloud/review/v1/review_reply_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findReply, putReply } from "../db/replies.ts";
import { lockShownReview } from "../db/reviews.ts";
import { reviewNotFound } from "../failures.ts";
import { requireReplying } from "../require-replying.ts";
import { toReply } from "../to-proto.ts";

export function putReviewReply(app: Dependencies): Handler<typeof ReviewReplyService.method.putReviewReply> {
  return async ({ reviewId, comment }, context) => {
    await requireReplying(app, reviewId, context);
    return app.database.transaction(async tx => {
      // It may have been deleted or hidden since.
      if ((await lockShownReview(tx, reviewId)) === undefined) {
        throw reviewNotFound();
      }
      await putReply(tx, reviewId, comment);
      const reply = await findReply(tx, reviewId);
      return reply === undefined ? {} : { reply: toReply(reply) };
    });
  };
}

type Dependencies = Pick<App, "database" | "entitlements">;
