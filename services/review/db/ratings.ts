import { type Rating, ratingChange } from "#kit/contract/rating.ts";
import type { Queryable, Tx } from "#kit/data/database.ts";
import type { Review } from "../domain/review.ts";

/** How many reviews of a question that are shown gave one rate. */
export interface RateCount {
  readonly rate: number;
  readonly reviewCount: bigint;
}

/**
 * Counts that a review, whose rate was `from`, has the rate `to`; 0 does not count. The rows of the reviewer come
 * before those of the question, which many transactions wait for, and those in the order of their rates.
 */
export async function recount(
  tx: Tx,
  { reviewerId, questionId }: Pick<Review, "reviewerId" | "questionId">,
  { from, to }: { from: number; to: number },
): Promise<void> {
  if (from === to) {
    return;
  }
  const { ratingSum, ratingCount } = ratingChange(from, to);
  await tx.execute(
    `INSERT INTO reviewer (reviewer_id, rating_sum, rating_count) VALUES (?, ?, ?)
      ON DUPLICATE KEY UPDATE rating_sum = rating_sum + VALUES(rating_sum),
        rating_count = rating_count + VALUES(rating_count)`,
    [reviewerId, ratingSum, ratingCount],
  );
  const counts = [
    { rate: from, reviewCount: -1 },
    { rate: to, reviewCount: 1 },
  ].filter(({ rate }) => rate > 0);
  for (const { rate, reviewCount } of counts.toSorted((a, b) => a.rate - b.rate)) {
    await tx.execute(
      `INSERT INTO question_rating (question_id, rate, review_count) VALUES (?, ?, ?)
        ON DUPLICATE KEY UPDATE review_count = review_count + VALUES(review_count)`,
      [questionId, rate, reviewCount],
    );
  }
}

/** Reads the rates that a question was given. */
export function readRateCounts(from: Queryable, questionId: bigint): Promise<RateCount[]> {
  return from.query("SELECT rate, review_count FROM question_rating WHERE question_id = ?", [questionId]);
}

/** Reads the ratings that reviewers gave, by reviewer. */
export async function readReviewers(
  from: Queryable,
  reviewerIds: readonly bigint[],
): Promise<ReadonlyMap<bigint, Rating>> {
  const rows = await from.query<Rating & { reviewerId: bigint }>(
    "SELECT reviewer_id, rating_sum, rating_count FROM reviewer WHERE reviewer_id IN (?)",
    [reviewerIds],
  );
  return new Map(rows.map(row => [row.reviewerId, row]));
}
