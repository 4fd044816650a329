import { ReviewAdminService } from "#gen/questioncloud/review/v1/review_admin_pb.ts";
import { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { ReviewReplyService } from "#gen/questioncloud/review/v1/review_reply_pb.ts";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { implement } from "#kit/rpc/implement.ts";
import { type RunningService, startService } from "#kit/service/start-service.ts";
import { type App, createApp } from "./app.ts";
import type { ReviewConfig } from "./config.ts";
import { createReview } from "./rpc/create-review.ts";
import { deleteReview } from "./rpc/delete-review.ts";
import { deleteReviewReply } from "./rpc/delete-review-reply.ts";
import { getOwnReview } from "./rpc/get-own-review.ts";
import { getReviewSummary } from "./rpc/get-review-summary.ts";
import { hideReview } from "./rpc/hide-review.ts";
import { listHiddenReviews } from "./rpc/list-hidden-reviews.ts";
import { listOwnReviews } from "./rpc/list-own-reviews.ts";
import { listReportedReviews } from "./rpc/list-reported-reviews.ts";
import { listReviewReports } from "./rpc/list-review-reports.ts";
import { listReviews } from "./rpc/list-reviews.ts";
import { markReviewHelpful } from "./rpc/mark-review-helpful.ts";
import { putReviewReply } from "./rpc/put-review-reply.ts";
import { reportReview } from "./rpc/report-review.ts";
import { restoreReview } from "./rpc/restore-review.ts";
import { updateReview } from "./rpc/update-review.ts";
import { userWithdrawn } from "./subscribers/user-withdrawn.ts";

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
        listOwnReviews: listOwnReviews(app),
        listReviews: listReviews(app),
        getReviewSummary: getReviewSummary(app),
        markReviewHelpful: markReviewHelpful(app),
        reportReview: reportReview(app),
      }),
      implement(ReviewReplyService, {
        putReviewReply: putReviewReply(app),
        deleteReviewReply: deleteReviewReply(app),
      }),
      implement(ReviewAdminService, {
        listReportedReviews: listReportedReviews(app),
        listHiddenReviews: listHiddenReviews(app),
        listReviewReports: listReviewReports(app),
        hideReview: hideReview(app),
        restoreReview: restoreReview(app),
      }),
    ],
    subscriptions: [subscribe(UserWithdrawnSchema, userWithdrawn)],
  });
}
