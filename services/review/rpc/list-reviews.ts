import { type ReviewService, ReviewSort } from "#gen/questioncloud/review/v1/review_pb.ts";
import { callerUserId } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { allowCaching } from "#kit/rpc/interceptors/restrict-caching.ts";
import { readPublicUsers } from "#kit/rpc/public-users.ts";
import type { App } from "../app.ts";
import { readReviewers } from "../db/ratings.ts";
import { listShownReviews } from "../db/shown-reviews.ts";
import { findVotes } from "../db/votes.ts";
import { toReview } from "../to-proto.ts";

export function listReviews(app: Dependencies): Handler<typeof ReviewService.method.listReviews> {
  const { database, pageTokens } = app;
  return async (request, context) => {
    const { questionId } = request;
    const sort = request.sort === ReviewSort.UNSPECIFIED ? ReviewSort.NEWEST : request.sort;
    const { rows, nextPageToken } = await pageTokens.readPage(["reviews", questionId, sort], request, page =>
      listShownReviews(database, { questionId, sort }, page),
    );
    const reviewerIds = [...new Set(rows.map(row => row.reviewerId))];
    const callerId = callerUserId(context);
    const [reviewers, ratings, votes] = await Promise.all([
      readPublicUsers(app.userDirectory, reviewerIds, context),
      readRatings(database, reviewerIds),
      findVotes(
        database,
        callerId,
        rows.map(row => row.reviewId),
      ),
    ]);
    const reviews = rows.map(row => {
      const { reviewId, reviewerId } = row;
      return toReview(row, {
        reviewer: reviewers.get(reviewerId),
        rating: ratings.get(reviewerId),
        isWriter: reviewerId === callerId,
        markedHelpful: votes.has(reviewId),
      });
    });
    allowCaching(context);
    return { reviews, nextPageToken };
  };
}

async function readRatings(database: App["database"], reviewerIds: readonly bigint[]) {
  return reviewerIds.length === 0 ? new Map() : readReviewers(database, reviewerIds);
}

type Dependencies = Pick<App, "database" | "pageTokens" | "userDirectory">;
