import type { Queryable, Tx } from "#kit/data/database.ts";

/** The answer of a question's creator to a review. */
export interface Reply {
  readonly comment: string;
  readonly createTime: Date;
  /** Null if it was never changed. */
  readonly editTime: Date | null;
}

/** Adds the reply to a locked review, or replaces it. */
export async function putReply(tx: Tx, reviewId: bigint, comment: string): Promise<void> {
  await tx.execute(
    `INSERT INTO review_reply (review_id, comment) VALUES (?, ?)
      ON DUPLICATE KEY UPDATE edit_time = IF(comment = VALUES(comment), edit_time, NOW(6)), comment = VALUES(comment)`,
    [reviewId, comment],
  );
}

export async function findReply(from: Queryable, reviewId: bigint): Promise<Reply | undefined> {
  const [reply] = await from.query<Reply>(
    "SELECT comment, create_time, edit_time FROM review_reply WHERE review_id = ?",
    [reviewId],
  );
  return reply;
}

export async function removeReply(tx: Tx, reviewId: bigint): Promise<void> {
  await tx.execute("DELETE FROM review_reply WHERE review_id = ?", [reviewId]);
}
