import { ReviewChangedSchema } from "#gen/questioncloud/review/v1/events_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import type { App } from "./app.ts";
import { closeReports } from "./db/moderation.ts";
import { recount } from "./db/ratings.ts";
import { updateState } from "./db/reviews.ts";
import { countedRate, type Review, type ReviewState } from "./domain/review.ts";

type Publisher = Pick<App, "outbox">;

/** Counts and publishes a change, in the transaction that made it; `before` is the rate that counted until then. */
export async function publishChange(
  { outbox }: Publisher,
  tx: Tx,
  review: Review,
  before: number,
): Promise<void> {
  const { reviewId, questionId, creatorId, reviewerId, version } = review;
  const rate = countedRate(review);
  const event = { reviewId, questionId, creatorId, reviewerId, version, rate };
  await outbox.append(tx, ReviewChangedSchema, event);
  await recount(tx, review, { from: before, to: rate });
}

/** Moves a locked review to another state, which closes its reports, and publishes that. */
export async function moveReview(app: Publisher, tx: Tx, review: Review, to: ReviewState): Promise<Review> {
  await updateState(tx, review.reviewId, to);
  await closeReports(tx, review.reviewId);
  const after = { ...review, state: to, version: review.version + 1n };
  await publishChange(app, tx, after, countedRate(review));
  return after;
}
