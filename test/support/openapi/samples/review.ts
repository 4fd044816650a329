import { admin, anyone, type SampleCalls, unknownId, user } from "../sample-call.ts";

/** Calls of the methods of review. */
export default function reviewCalls(): SampleCalls {
  const content = { rate: 5, comment: "풀이가 친절합니다." };
  return {
    "review.v1.ReviewService/CreateReview": user({ questionId: unknownId, content }, "UNAVAILABLE_QUESTION"),
    "review.v1.ReviewService/UpdateReview": user({ reviewId: unknownId, version: "1", content }, "NOT_FOUND"),
    "review.v1.ReviewService/DeleteReview": user({ reviewId: unknownId }, "NOT_FOUND"),
    "review.v1.ReviewService/GetOwnReview": user({ questionId: unknownId }, "NOT_FOUND"),
    "review.v1.ReviewService/ListOwnReviews": user({}),
    "review.v1.ReviewService/ListReviews": anyone({ questionId: unknownId }),
    "review.v1.ReviewService/MarkReviewHelpful": user({ reviewId: unknownId, helpful: true }, "NOT_FOUND"),
    "review.v1.ReviewService/ReportReview": user(
      { reviewId: unknownId, reason: "REPORT_REASON_SPAM" },
      "NOT_FOUND",
    ),
    "review.v1.ReviewReplyService/PutReviewReply": user(
      { reviewId: unknownId, comment: "고맙습니다." },
      "NOT_FOUND",
    ),
    "review.v1.ReviewReplyService/DeleteReviewReply": user({ reviewId: unknownId }, "NOT_FOUND"),
    "review.v1.ReviewAdminService/ListReportedReviews": admin({}),
    "review.v1.ReviewAdminService/ListHiddenReviews": admin({}),
    "review.v1.ReviewAdminService/ListReviewReports": admin({ reviewId: unknownId }),
    "review.v1.ReviewAdminService/HideReview": admin({ reviewId: unknownId, reason: "시험" }, "NOT_FOUND"),
    "review.v1.ReviewAdminService/RestoreReview": admin({ reviewId: unknownId, reason: "시험" }, "NOT_FOUND"),
    "review.v1.ReviewService/GetReviewSummary": anyone({ questionId: unknownId }),
  };
}
