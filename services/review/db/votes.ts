import type { Queryable, Tx } from "#kit/data/database.ts";
import { insert } from "#kit/data/sql.ts";

interface Vote {
  readonly reviewId: bigint;
  readonly userId: bigint;
}

/** Records whether a user finds a locked review helpful. Returns how many do. */
export async function setVote(tx: Tx, { reviewId, userId }: Vote, helpful: boolean): Promise<bigint> {
  const voted = (await findVotes(tx, userId, [reviewId])).has(reviewId);
  if (helpful && !voted) {
    await insert(tx, "review_vote", { reviewId, userId });
  } else if (!helpful && voted) {
    await tx.execute("DELETE FROM review_vote WHERE review_id = ? AND user_id = ?", [reviewId, userId]);
  }
  await tx.execute("UPDATE review SET helpful_count = helpful_count + ? WHERE review_id = ?", [
    Number(helpful) - Number(voted),
    reviewId,
  ]);
  const [row] = await tx.query<{ helpfulCount: bigint }>(
    "SELECT helpful_count FROM review WHERE review_id = ?",
    [reviewId],
  );
  return row?.helpfulCount ?? 0n;
}

/** Reads which of the named reviews a user finds helpful; without a user, none. */
export async function findVotes(
  from: Queryable,
  userId: bigint | undefined,
  reviewIds: readonly bigint[],
): Promise<ReadonlySet<bigint>> {
  if (userId === undefined || reviewIds.length === 0) {
    return new Set();
  }
  const rows = await from.query<{ reviewId: bigint }>(
    "SELECT review_id FROM review_vote WHERE user_id = ? AND review_id IN (?)",
    [userId, reviewIds],
  );
  return new Set(rows.map(({ reviewId }) => reviewId));
}
