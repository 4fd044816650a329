import type { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listReviewsBy } from "../db/reviews.ts";
import { toOwnReview } from "../to-proto.ts";

export function listOwnReviews({
  database,
  pageTokens,
}: Dependencies): Handler<typeof ReviewService.method.listOwnReviews> {
  return async (request, context) => {
    const reviewerId = userIdOf(context);
    const { rows, nextPageToken } = await pageTokens.readPage(["own-reviews", reviewerId], request, page =>
      listReviewsBy(database, reviewerId, page),
    );
    return { reviews: rows.map(toOwnReview), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
