import type { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { eraseContent } from "../db/reviews.ts";
import { requireChangeable } from "../require-changeable.ts";
import { moveReview } from "../review-changes.ts";

export function deleteReview(app: Dependencies): Handler<typeof ReviewService.method.deleteReview> {
  return ({ reviewId }, context) =>
    app.database.transaction(async tx => {
      const review = await requireChangeable(tx, reviewId, userIdOf(context));
      await moveReview(app, tx, review, "DELETED");
      await eraseContent(tx, reviewId);
      return {};
    });
}

type Dependencies = Pick<App, "database" | "outbox">;
