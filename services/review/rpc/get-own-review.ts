import type { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findReviewBy } from "../db/reviews.ts";
import { reviewNotFound } from "../failures.ts";
import { toOwnReview } from "../to-proto.ts";

export function getOwnReview({ database }: Dependencies): Handler<typeof ReviewService.method.getOwnReview> {
  return async ({ questionId }, context) => {
    const review = await findReviewBy(database, { reviewerId: userIdOf(context), questionId });
    if (review === undefined) {
      throw reviewNotFound();
    }
    return { review: toOwnReview(review) };
  };
}

type Dependencies = Pick<App, "database">;
