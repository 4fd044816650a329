import type { Tx } from "#kit/data/database.ts";
import { lockReview } from "./db/reviews.ts";
import type { Review } from "./domain/review.ts";
import { reviewHidden, reviewNotFound } from "./failures.ts";

/** Locks one of a user's reviews that they may change; throws NOT_FOUND, or HIDDEN_REVIEW. */
export async function requireChangeable(tx: Tx, reviewId: bigint, reviewerId: bigint): Promise<Review> {
  const review = await lockReview(tx, reviewId);
  if (review?.reviewerId !== reviewerId) {
    throw reviewNotFound();
  }
  if (review.state === "HIDDEN") {
    throw reviewHidden();
  }
  return review;
}
