import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { AdminReviewSchema, ReviewReportSchema } from "#gen/questioncloud/review/v1/review_admin_pb.ts";
import {
  type GetReviewSummaryResponseSchema,
  type OwnReviewSchema,
  type ReviewContent,
  type ReviewReplySchema,
  type ReviewSchema,
  ReviewState,
} from "#gen/questioncloud/review/v1/review_pb.ts";
import type { PublicUser } from "#gen/questioncloud/user/v1/user_pb.ts";
import { averageRateTenths, type Rating } from "#kit/contract/rating.ts";
import type { ModeratedReview, Report } from "./db/moderation.ts";
import type { RateCount } from "./db/ratings.ts";
import type { Reply } from "./db/replies.ts";
import type { ShownReview } from "./db/shown-reviews.ts";
import type { Review } from "./domain/review.ts";

/** A review as its writer sees it. */
export function toOwnReview(review: Review): MessageInitShape<typeof OwnReviewSchema> {
  const { reviewId, questionId, version } = review;
  return { reviewId, questionId, version, state: toState(review), ...toContentAndTimes(review) };
}

/** What belongs to a review besides its row. */
interface Reviewer {
  readonly reviewer: PublicUser | undefined;
  readonly rating: Rating | undefined;
  readonly isWriter: boolean;
  readonly markedHelpful: boolean;
}

/** A review as others see it. */
export function toReview(
  review: ShownReview,
  { reviewer, rating, isWriter, markedHelpful }: Reviewer,
): MessageInitShape<typeof ReviewSchema> {
  const { reviewId, helpfulCount, replyComment, replyCreateTime, replyEditTime } = review;
  return {
    reviewId,
    ...toContentAndTimes(review),
    ...(reviewer && { reviewer }),
    reviewerStatistics: toStatistics(rating),
    isWriter,
    helpfulCount,
    markedHelpful,
    ...(replyComment !== null &&
      replyCreateTime !== null && {
        reply: toReply({ comment: replyComment, createTime: replyCreateTime, editTime: replyEditTime }),
      }),
  };
}

/** The answer of a question's creator to a review. */
export function toReply({
  comment,
  createTime,
  editTime,
}: Reply): MessageInitShape<typeof ReviewReplySchema> {
  return {
    comment,
    createTime: timestampFromDate(createTime),
    ...(editTime && { editTime: timestampFromDate(editTime) }),
  };
}

/** A review as an administrator sees it. */
export function toAdminReview(review: ModeratedReview): MessageInitShape<typeof AdminReviewSchema> {
  const { reviewId, questionId, reviewerId, openReportCount, rate, comment, createTime } = review;
  const { reportTime, hideTime } = review;
  return {
    reviewId,
    questionId,
    reviewerId,
    openReportCount,
    content: { rate, comment },
    state: toState(review),
    createTime: timestampFromDate(createTime),
    ...(reportTime && { reportTime: timestampFromDate(reportTime) }),
    ...(hideTime && { hideTime: timestampFromDate(hideTime) }),
  };
}

export function toReport(report: Report): MessageInitShape<typeof ReviewReportSchema> {
  const { reportId, userId, reason, text, createTime, closeTime } = report;
  return {
    reportId,
    userId,
    reason,
    text,
    createTime: timestampFromDate(createTime),
    ...(closeTime && { closeTime: timestampFromDate(closeTime) }),
  };
}

function toState({ state }: Review): ReviewState {
  return state === "HIDDEN" ? ReviewState.HIDDEN : ReviewState.SHOWN;
}

function toContentAndTimes({ rate, comment, createTime, editTime }: Review) {
  return {
    content: { rate, comment },
    createTime: timestampFromDate(createTime),
    ...(editTime && { editTime: timestampFromDate(editTime) }),
  };
}

function toStatistics(rating: Rating = { ratingSum: 0n, ratingCount: 0n }) {
  return { reviewCount: rating.ratingCount, averageRateTenths: averageRateTenths(rating) };
}

const rates = [5, 4, 3, 2, 1];

/** How a question is rated. */
export function toSummary(
  counts: readonly RateCount[],
): MessageInitShape<typeof GetReviewSummaryResponseSchema> {
  const countOf = new Map(counts.map(({ rate, reviewCount }) => [rate, reviewCount]));
  const histogram = rates.map(rate => ({ rate, reviewCount: countOf.get(rate) ?? 0n }));
  const ratingCount = histogram.reduce((sum, { reviewCount }) => sum + reviewCount, 0n);
  const ratingSum = histogram.reduce((sum, { rate, reviewCount }) => sum + BigInt(rate) * reviewCount, 0n);
  return { ...toStatistics({ ratingSum, ratingCount }), histogram };
}

/** The content in a request. */
export function fromContent(content: ReviewContent | undefined): Pick<Review, "rate" | "comment"> {
  if (content === undefined) {
    throw new TypeError("the contract requires content");
  }
  const { rate, comment } = content;
  return { rate, comment };
}
