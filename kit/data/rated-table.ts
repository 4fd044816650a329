import { type Rating, ratingChange } from "#kit/contract/rating.ts";
import type { Queryable, Tx } from "#kit/data/database.ts";
import { describeRows, type Invariant, readPages } from "#kit/data/invariants.ts";
import { toSnakeCase } from "#kit/data/sql.ts";
import { type Replaces, storeState } from "#kit/data/stored-state.ts";

/**
 * A table whose rows are rated, with the columns `rating_sum` and `rating_count`: sums over the reviews of a row, which
 * are stored in `seen_review` as they were last seen.
 */
export interface RatedTable {
  readonly table: string;
  /** The name of its id, there and in `seen_review`. */
  readonly id: string;
  /** Does what follows from a change of a rating. */
  readonly onChange?: (tx: Tx, ratedId: bigint) => Promise<void>;
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

/**
 * Counts a review unless the same or a newer version of it is counted. Returns false where nothing changed. What is
 * rated and unknown is ignored.
 */
export async function countReview(
  tx: Tx,
  rated: RatedTable,
  { reviewId, ratedId, version, rate }: SeenReview,
  replaces: Replaces = "older",
): Promise<boolean> {
  const carried = { table: "seen_review", key: { reviewId }, version, state: { [rated.id]: ratedId, rate } };
  const stored = await storeState<{ rate: number }>(tx, carried, replaces);
  if (stored === "outdated") {
    return false;
  }
  await addToRating(tx, rated, ratedId, ratingChange(stored.previous?.rate ?? 0, rate));
  return true;
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
    await addToRating(tx, rated, ratedId, ratingChange(rate, 0));
  }
}

async function addToRating(
  tx: Tx,
  { table, id, onChange }: RatedTable,
  ratedId: bigint,
  { ratingSum, ratingCount }: Rating,
): Promise<void> {
  await tx.execute(
    `UPDATE ${table} SET rating_sum = rating_sum + ?, rating_count = rating_count + ? WHERE ${toSnakeCase(id)} = ?`,
    [ratingSum, ratingCount, ratedId],
  );
  await onChange?.(tx, ratedId);
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

const sums = ({ id }: RatedTable) =>
  `SELECT COALESCE(SUM(rate), 0) AS rating_sum, COALESCE(SUM(rate > 0), 0) AS rating_count
    FROM seen_review seen WHERE seen.${toSnakeCase(id)} =`;

/** The rows whose rating is not the sum over their reviews, in the order of their ids. */
const wrongRatings = (rated: RatedTable) => {
  const id = toSnakeCase(rated.id);
  return `SELECT t.${id} AS rated_id FROM ${rated.table} t
    WHERE NOT (t.rating_sum, t.rating_count) = (${sums(rated)} t.${id})`;
};

/** I6: each rating is the sum over its reviews as they were last seen. */
export function ratingInvariant(rated: RatedTable): Invariant {
  return {
    name: `I6 ratings of ${rated.table}`,
    check: database =>
      describeRows<{ ratedId: bigint }>(
        database,
        { sql: wrongRatings(rated) },
        ({ ratedId }) => `the rating of ${rated.table} ${ratedId} is not the sum over its reviews`,
      ),
  };
}

/** Finds up to `limit` wrong ratings. */
export async function findWrongRatings(from: Queryable, rated: RatedTable, limit: number): Promise<bigint[]> {
  const rows = await from.query<{ ratedId: bigint }>(`${wrongRatings(rated)} LIMIT ?`, [limit]);
  return rows.map(({ ratedId }) => ratedId);
}

/**
 * Sums up a rating again. Its row is locked first: a subscriber that has stored a review and waits for that row adds
 * the difference afterwards, and its review is not in the sum, because it is not committed.
 */
export async function sumUpRating(tx: Tx, rated: RatedTable, ratedId: bigint): Promise<void> {
  const where = `WHERE ${toSnakeCase(rated.id)} = ?`;
  await tx.query(`SELECT 1 FROM ${rated.table} ${where} FOR UPDATE`, [ratedId]);
  const [rating] = await tx.query<Rating>(`${sums(rated)} ?`, [ratedId]);
  if (rating !== undefined) {
    const { ratingSum, ratingCount } = rating;
    await tx.execute(`UPDATE ${rated.table} SET rating_sum = ?, rating_count = ? ${where}`, [
      ratingSum,
      ratingCount,
      ratedId,
    ]);
    await rated.onChange?.(tx, ratedId);
  }
}
