import type { Database } from "#kit/data/database.ts";
import {
  type CheckOptions,
  describeRows,
  type Invariant,
  readPages,
  stateInvariant,
} from "#kit/data/invariants.ts";
import { countedRate, type Review, reviewTransitions } from "./domain/review.ts";

const ratings: Invariant = {
  name: "I6 ratings of questions and reviewers",
  async *check(database) {
    yield* describeRows<{ questionId: bigint; rate: number; counted: bigint; found: bigint }>(
      database,
      {
        sql: `SELECT question_id, rate, SUM(counted) AS counted, SUM(found) AS found FROM (
            SELECT question_id, rate, review_count AS counted, 0 AS found FROM question_rating
            UNION ALL
            SELECT question_id, rate, 0, COUNT(*) FROM review WHERE state = 'SHOWN' GROUP BY question_id, rate
          ) counts GROUP BY question_id, rate HAVING SUM(counted) <> SUM(found)`,
      },
      ({ questionId, rate, counted, found }) =>
        `question ${questionId} counts ${counted} reviews of rate ${rate}, there are ${found}`,
    );
    yield* describeRows<{ reviewerId: bigint }>(
      database,
      {
        sql: `SELECT reviewer_id FROM (
            SELECT reviewer_id, rating_sum, rating_count FROM reviewer
            UNION ALL
            SELECT reviewer_id, -SUM(rate), -COUNT(*) FROM review WHERE state = 'SHOWN' GROUP BY reviewer_id
          ) sums GROUP BY reviewer_id HAVING SUM(rating_sum) <> 0 OR SUM(rating_count) <> 0`,
      },
      ({ reviewerId }) => `the statistics of reviewer ${reviewerId} are not those of the reviews`,
    );
  },
};

const counters: Invariant = {
  name: "I6 votes for reviews and reports of them",
  check: database =>
    describeRows<{ reviewId: bigint }>(
      database,
      {
        sql: `SELECT review_id FROM (
            SELECT review_id, helpful_count AS votes, open_report_count AS reports,
                (report_time IS NULL) <> (open_report_count = 0) AS wrong FROM review
            UNION ALL SELECT review_id, -COUNT(*), 0, 0 FROM review_vote GROUP BY review_id
            UNION ALL SELECT review_id, 0, -COUNT(*), 0 FROM review_report WHERE close_time IS NULL GROUP BY review_id
          ) counts GROUP BY review_id HAVING SUM(votes) <> 0 OR SUM(reports) <> 0 OR SUM(wrong) <> 0`,
      },
      ({ reviewId }) => `review ${reviewId} does not count its votes or its open reports`,
    ),
};

/** What always holds over the rows of review. */
export const invariants: readonly Invariant[] = [
  ratings,
  counters,
  stateInvariant({
    table: "review",
    id: "review_id",
    transitions: reviewTransitions,
    setIn: { hide_time: ["HIDDEN"] },
  }),
];

/** A review as ReviewChanged carries it. */
export interface ReviewState extends Pick<Review, "reviewId" | "questionId" | "creatorId" | "version"> {
  /** 0 where it does not count. */
  readonly rate: number;
}

type StoredState = ReviewState & Pick<Review, "state">;

const columns = "review_id, question_id, creator_id, version, state, rate";
const toReviewState = ({ state, ...review }: StoredState): ReviewState => ({
  ...review,
  rate: countedRate({ state, rate: review.rate }),
});

/** All reviews that did not change in the last `graceSeconds`, deleted ones included, in pages. */
export async function* readReviewStates(
  database: Database,
  { graceSeconds }: CheckOptions,
): AsyncIterable<ReviewState[]> {
  const pages = readPages<StoredState>(database, {
    columns,
    table: "review",
    index: "PRIMARY",
    where: "change_time <= NOW(6) - INTERVAL ? SECOND",
    values: [graceSeconds],
    keyset: [{ column: "review_id", direction: "ASC" }],
  });
  for await (const page of pages) {
    yield page.map(toReviewState);
  }
}

/** The named reviews that exist, in no particular order. */
export async function findReviewStates(
  database: Database,
  reviewIds: readonly bigint[],
): Promise<ReviewState[]> {
  const sql = `SELECT ${columns} FROM review WHERE review_id IN (?)`;
  return reviewIds.length === 0
    ? []
    : (await database.query<StoredState>(sql, [reviewIds])).map(toReviewState);
}
