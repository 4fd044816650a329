import type { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findReview, updateContent } from "../db/reviews.ts";
import { countedRate } from "../domain/review.ts";
import { editConflict, reviewNotFound } from "../failures.ts";
import { requireChangeable } from "../require-changeable.ts";
import { publishChange } from "../review-changes.ts";
import { fromContent, toOwnReview } from "../to-proto.ts";

export function updateReview(app: Dependencies): Handler<typeof ReviewService.method.updateReview> {
  return ({ reviewId, version, content }, context) =>
    app.database.transaction(async tx => {
      const before = await requireChangeable(tx, reviewId, userIdOf(context));
      if (before.version !== version) {
        throw editConflict();
      }
      await updateContent(tx, reviewId, fromContent(content));
      const review = await findReview(tx, reviewId);
      if (review === undefined) {
        throw reviewNotFound();
      }
      await publishChange(app, tx, review, countedRate(before));
      return { review: toOwnReview(review) };
    });
}

type Dependencies = Pick<App, "database" | "outbox">;
