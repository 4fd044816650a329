import { ratingChange } from "#kit/contract/rating.ts";
import type { Tx } from "#kit/data/database.ts";
import { storeState } from "#kit/data/stored-state.ts";

/** A review, as far as the rating of its creator depends on it; the rate is 0 where it does not count. */
interface SeenReview {
  readonly reviewId: bigint;
  readonly creatorId: bigint;
  readonly version: bigint;
  readonly rate: number;
}

/** Counts a review unless the same or a newer version of it is counted; an unknown creator is ignored. */
export async function countReview(tx: Tx, { reviewId, creatorId, version, rate }: SeenReview): Promise<void> {
  const state = { creatorId, rate };
  const stored = await storeState(tx, { table: "seen_review", key: { reviewId }, version, state });
  if (stored !== "outdated") {
    const { ratingSum, ratingCount } = ratingChange(stored.previous?.rate ?? 0, rate);
    await tx.execute(
      `UPDATE creator_statistics SET rating_sum = rating_sum + ?, rating_count = rating_count + ?
        WHERE creator_id = ?`,
      [ratingSum, ratingCount, creatorId],
    );
  }
}
