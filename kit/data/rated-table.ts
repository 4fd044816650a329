import { ratingChange } from "#kit/contract/rating.ts";
import type { Queryable, Tx } from "#kit/data/database.ts";
import { describeRows, type Invariant, readPages } from "#kit/data/invariants.ts";
import { toSnakeCase } from "#kit/data/sql.ts";
import { type Replaces, storeStates } from "#kit/data/stored-state.ts";
import { addToSums, type SummedTable, wrongSums } from "#kit/data/sums.ts";

/**
 * A table whose rows are rated, with the columns `rating_sum` and `rating_count`: sums over the reviews of a row, which
 * are stored in `seen_review` as they were last seen.
 */
export interface RatedTable extends Pick<SummedTable, "table" | "onChange"> {
  /** The name of its id, there and in `seen_review`. */
  readonly id: string;
}

/** A review as it was last seen. */
export interface SeenReview {
  readonly reviewId: bigint;
  /** What it rates. */
  readonly ratedId: bigint;
  readonly version: bigint;
  /** 0 where it does not count. */
  readonly rate: number;
}

/** The ratings of a table. */
export function ratingSums(rated: RatedTable): SummedTable {
  return {
    ...rated,
    columns: ["ratingSum", "ratingCount"],
    select: `SELECT COALESCE(SUM(rate), 0) AS rating_sum, COALESCE(SUM(rate > 0), 0) AS rating_count
      FROM seen_review seen WHERE seen.${toSnakeCase(rated.id)} =`,
  };
}

/**
 * Counts reviews, each unless the same or a newer version of it is counted. Returns how many were. What is rated and
 * unknown is ignored.
 */
export async function countReviews(
  tx: Tx,
  rated: RatedTable,
  reviews: readonly SeenReview[],
  replaces: Replaces = "older",
): Promise<number> {
  const carried = reviews.map(({ reviewId, ratedId, version, rate }) => ({
    key: { reviewId },
    version,
    state: { [rated.id]: ratedId, rate },
    ratedId,
    rate,
  }));
  const stored = await storeStates(tx, "seen_review", carried, replaces);
  await addToRatings(
    tx,
    rated,
    stored.map(({ ratedId, rate, previous }) => ({ ratedId, from: Number(previous?.rate ?? 0), to: rate })),
  );
  return stored.length;
}

/** Forgets a review, and what it counted. */
export async function forgetReview(
  tx: Tx,
  rated: RatedTable,
  { reviewId, ratedId, rate }: SeenReview,
): Promise<void> {
  const { affectedRows } = await tx.execute("DELETE FROM seen_review WHERE review_id = ? AND rate = ?", [
    reviewId,
    rate,
  ]);
  if (affectedRows === 1) {
    await addToRatings(tx, rated, [{ ratedId, from: rate, to: 0 }]);
  }
}

function addToRatings(
  tx: Tx,
  rated: RatedTable,
  changes: readonly { readonly ratedId: bigint; readonly from: number; readonly to: number }[],
): Promise<void> {
  return addToSums(
    tx,
    ratingSums(rated),
    changes.map(({ ratedId, from, to }) => {
      const { ratingSum, ratingCount } = ratingChange(from, to);
      return [ratedId, [ratingSum, ratingCount]];
    }),
  );
}

const columnsOf = ({ id }: RatedTable) => `review_id, ${toSnakeCase(id)} AS rated_id, version, rate`;

/** All reviews that were seen, in pages. */
export function readSeenReviews(from: Queryable, rated: RatedTable): AsyncIterable<SeenReview[]> {
  return readPages(from, {
    columns: columnsOf(rated),
    table: "seen_review",
    index: "PRIMARY",
    keyset: [{ column: "review_id", direction: "ASC" }],
  });
}

/** Those of the named reviews that were seen, in no particular order. */
export async function findSeenReviews(
  from: Queryable,
  rated: RatedTable,
  reviewIds: readonly bigint[],
): Promise<SeenReview[]> {
  const sql = `SELECT ${columnsOf(rated)} FROM seen_review WHERE review_id IN (?)`;
  return reviewIds.length === 0 ? [] : from.query<SeenReview>(sql, [reviewIds]);
}

/** I6: each rating is the sum over its reviews as they were last seen. */
export function ratingInvariant(rated: RatedTable): Invariant {
  return {
    name: `I6 ratings of ${rated.table}`,
    check: database =>
      describeRows<{ id: bigint }>(
        database,
        { sql: wrongSums(ratingSums(rated)) },
        ({ id }) => `the rating of ${rated.table} ${id} is not the sum over its reviews`,
      ),
  };
}
