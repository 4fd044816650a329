import { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { implement } from "#kit/rpc/implement.ts";
import { type RunningService, startService } from "#kit/service/start-service.ts";
import { type App, createApp } from "./app.ts";
import type { ReviewConfig } from "./config.ts";
import { createReview } from "./rpc/create-review.ts";
import { deleteReview } from "./rpc/delete-review.ts";
import { getOwnReview } from "./rpc/get-own-review.ts";
import { getReviewSummary } from "./rpc/get-review-summary.ts";
import { listReviews } from "./rpc/list-reviews.ts";
import { updateReview } from "./rpc/update-review.ts";

export { config } from "./config.ts";

/** Starts the review service. */
export async function start(config: ReviewConfig, overrides?: Partial<App>): Promise<RunningService> {
  const app = await createApp(config, overrides);
  return startService(app, {
    rpcs: [
      implement(ReviewService, {
        createReview: createReview(app),
        updateReview: updateReview(app),
        deleteReview: deleteReview(app),
        getOwnReview: getOwnReview(app),
        listReviews: listReviews(app),
        getReviewSummary: getReviewSummary(app),
      }),
    ],
    subscriptions: [],
  });
}
