import { anyone, type SampleCalls, unknownId, user } from "../sample-call.ts";

/** Calls of the methods of review. */
export default function reviewCalls(): SampleCalls {
  const content = { rate: 5, comment: "풀이가 친절합니다." };
  return {
    "review.v1.ReviewService/CreateReview": user({ questionId: unknownId, content }, "UNAVAILABLE_QUESTION"),
    "review.v1.ReviewService/UpdateReview": user({ reviewId: unknownId, version: "1", content }, "NOT_FOUND"),
    "review.v1.ReviewService/DeleteReview": user({ reviewId: unknownId }, "NOT_FOUND"),
    "review.v1.ReviewService/GetOwnReview": user({ questionId: unknownId }, "NOT_FOUND"),
    "review.v1.ReviewService/ListReviews": anyone({ questionId: unknownId }),
    "review.v1.ReviewService/GetReviewSummary": anyone({ questionId: unknownId }),
  };
}
