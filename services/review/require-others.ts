import type { Tx } from "#kit/data/database.ts";
import { lockShownReview } from "./db/reviews.ts";
import type { Review } from "./domain/review.ts";
import { ownReview, reviewNotFound } from "./failures.ts";

/** Locks a review that everyone sees and another user wrote; throws NOT_FOUND, or OWN_REVIEW. */
export async function requireOthers(tx: Tx, reviewId: bigint, userId: bigint): Promise<Review> {
  const review = await lockShownReview(tx, reviewId);
  if (review === undefined) {
    throw reviewNotFound();
  }
  if (review.reviewerId === userId) {
    throw ownReview();
  }
  return review;
}
