import {
  countReviews,
  findSeenReviews,
  forgetReview,
  type RatedTable,
  ratingSums,
  readSeenReviews,
  type SeenReview,
} from "#kit/data/rated-table.ts";
import { ratedCreators } from "#services/creator/db/rated.ts";
import { ratedQuestions } from "#services/question/db/rated.ts";
import { findReviewStates, type ReviewState, readReviewStates } from "#services/review/invariants.ts";
import type { Counter } from "./counter.ts";

type RatedId = (review: ReviewState) => bigint;

const idsOf = (reviews: readonly SeenReview[]) => reviews.map(({ reviewId }) => reviewId);
const keyOf = ({ reviewId }: SeenReview) => `review ${reviewId}`;
const byKey = (reviews: Iterable<SeenReview>) =>
  new Map([...reviews].map(review => [keyOf(review), review] as const));

function ratingCounter(service: string, rated: RatedTable, ratedId: RatedId): Counter<SeenReview> {
  const toSeen = (review: ReviewState): SeenReview => ({ ...review, ratedId: ratedId(review) });
  return {
    source: {
      service: "review",
      async *pages(database, options) {
        for await (const page of readReviewStates(database, options)) {
          yield page.map(toSeen);
        }
      },
      async find(database, reviews) {
        return byKey((await findReviewStates(database, idsOf(reviews))).map(toSeen));
      },
    },
    counted: {
      service,
      pages: database => readSeenReviews(database, rated),
      find: async (database, reviews) => byKey(await findSeenReviews(database, rated, idsOf(reviews))),
    },
    keyOf,
    isSame: (one, other) => one.rate === other.rate && one.ratedId === other.ratedId,
    count: async (tx, review, replaces) => (await countReviews(tx, rated, [review], replaces)) > 0,
    forget: (tx, review) => forgetReview(tx, rated, review),
    sums: ratingSums(rated),
  };
}

/** The services that count reviews. */
export const ratingCounters = [
  ratingCounter("question", ratedQuestions, ({ questionId }) => questionId),
  ratingCounter("creator", ratedCreators, ({ creatorId }) => creatorId),
];
