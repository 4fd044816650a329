import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insert, raw, update } from "#kit/data/sql.ts";
import { moveState } from "#kit/data/state-machine.ts";
import { type Review, type ReviewState, reviewTransitions } from "../domain/review.ts";
import { removeReply } from "./replies.ts";

/** The columns of a review, for a SELECT with the alias `r`. */
export const reviewColumns = `r.review_id, r.question_id, r.creator_id, r.reviewer_id, r.state, r.rate, r.comment,
  r.version, r.create_time, r.edit_time`;

type NewReview = Pick<Review, "questionId" | "creatorId" | "reviewerId" | "rate" | "comment">;

/** Adds a review. Returns undefined where the reviewer has reviewed the question. */
export async function insertReview(tx: Tx, review: NewReview): Promise<bigint | undefined> {
  try {
    return await insert(tx, "review", { ...review });
  } catch (error) {
    if (violatedKey(error) === "uq_review") {
      return undefined;
    }
    throw error;
  }
}

/** Reads a review and locks it until the transaction ends. */
export async function lockReview(tx: Tx, reviewId: bigint): Promise<Review | undefined> {
  const [review] = await tx.query<Review>(
    `SELECT ${reviewColumns} FROM review r WHERE r.review_id = ? AND r.state <> 'DELETED' FOR UPDATE`,
    [reviewId],
  );
  return review;
}

/** Like lockReview, for a review that everyone sees. */
export async function lockShownReview(tx: Tx, reviewId: bigint): Promise<Review | undefined> {
  const review = await lockReview(tx, reviewId);
  return review?.state === "SHOWN" ? review : undefined;
}

export async function findReview(from: Queryable, reviewId: bigint): Promise<Review | undefined> {
  const [review] = await from.query<Review>(
    `SELECT ${reviewColumns} FROM review r WHERE r.review_id = ? AND r.state <> 'DELETED'`,
    [reviewId],
  );
  return review;
}

/** Reads a user's review of a question unless it is deleted. */
export async function findReviewBy(
  from: Queryable,
  { reviewerId, questionId }: Pick<Review, "reviewerId" | "questionId">,
): Promise<Review | undefined> {
  const [review] = await from.query<Review>(
    `SELECT ${reviewColumns} FROM review r WHERE r.reviewer_id = ? AND r.question_id = ? AND r.live = 1`,
    [reviewerId, questionId],
  );
  return review;
}

/** Reads a page of the reviews of a user that are not deleted, newest first. */
export function listReviewsBy(from: Queryable, reviewerId: bigint, page: PageCursor): Promise<Page<Review>> {
  return queryPage(from, {
    columns: reviewColumns,
    table: "review r",
    index: "ix_review_own",
    where: "r.reviewer_id = ? AND r.live = 1",
    values: [reviewerId],
    keyset: [{ column: "r.review_id", direction: "DESC" }],
    page,
  });
}

/** Replaces rate and comment of a locked review. */
export async function updateContent(
  tx: Tx,
  reviewId: bigint,
  { rate, comment }: Pick<Review, "rate" | "comment">,
): Promise<void> {
  const where = { sql: "review_id = ?", values: [reviewId] };
  await update(
    tx,
    "review",
    { rate, comment, version: raw("version + 1"), changeTime: raw("NOW(6)"), editTime: raw("NOW(6)") },
    where,
  );
}

/** Erases the text of a deleted review and the reply to it, which no one can read any more; its rate stays. */
export async function eraseContent(tx: Tx, reviewId: bigint): Promise<void> {
  await tx.execute("UPDATE review SET comment = '' WHERE review_id = ?", [reviewId]);
  await removeReply(tx, reviewId);
}

/** Moves a locked review to another state. */
export async function updateState(tx: Tx, reviewId: bigint, to: ReviewState): Promise<void> {
  await moveState(tx, {
    table: "review",
    transitions: reviewTransitions,
    to,
    where: { sql: "review_id = ?", values: [reviewId] },
    set: {
      version: raw("version + 1"),
      changeTime: raw("NOW(6)"),
      hideTime: to === "HIDDEN" ? raw("NOW(6)") : null,
    },
  });
}
