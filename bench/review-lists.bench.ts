import { ReviewSort } from "#gen/questioncloud/review/v1/review_pb.ts";
import type { PageCursor } from "#kit/data/keyset.ts";
import { readRateCounts, readReviewers } from "#services/review/db/ratings.ts";
import { listShownReviews } from "#services/review/db/shown-reviews.ts";
import { costOf, indexesOf } from "#test/support/data/rows-read.ts";
import { compare } from "./compare.ts";
import { openServiceDatabase } from "./open-database.ts";

// Reviews of a question that has a tenth of them all, a million or as many as the argument says: pages by key against
// pages by offset, and what is counted as it changes against aggregates over the reviews.
const total = Number(process.argv[3] ?? 1_000_000);
const atOnce = 100_000;
const questionId = 1n;
const pageRows = 20;

const { database, close } = await openServiceDatabase("review", {
  innodb_buffer_pool_size: "1G",
  innodb_flush_log_at_trx_commit: "2",
});
for (let first = 1; first <= total; first += atOnce) {
  const last = Math.min(total, first + atOnce - 1);
  await database.execute(
    `INSERT INTO review (question_id, creator_id, reviewer_id, rate, comment, helpful_count)
      SELECT IF(seq % 10 = 0, 1, 2 + seq % 100000), 1, IF(seq % 10 = 0, seq, 2000000 + seq DIV 10),
          ELT(1 + seq * 31 % 10, 1, 2, 3, 4, 4, 4, 5, 5, 5, 5), REPEAT('좋은 문항입니다. ', 5), seq * 7919 % 50
        FROM seq_${first}_to_${last}`,
  );
  process.stderr.write(`${last} of ${total} reviews\n`);
}
await database.execute(
  "INSERT INTO question_rating SELECT question_id, rate, COUNT(*) FROM review GROUP BY question_id, rate",
);
await database.execute(
  "INSERT INTO reviewer SELECT reviewer_id, SUM(rate), COUNT(*) FROM review GROUP BY reviewer_id",
);
await database.query("ANALYZE TABLE review, question_rating, reviewer");

const deepRow = Math.floor(total / 10) - Math.floor(total / 100);
const columns: Readonly<Record<string, string>> = {
  NEWEST: "review_id DESC",
  HIGHEST: "rate DESC, review_id DESC",
  LOWEST: "rate ASC, review_id DESC",
  HELPFUL: "helpful_count DESC, review_id DESC",
};

async function repeat(read: () => Promise<unknown>): Promise<number> {
  const reads = 20;
  for (let count = 0; count < reads; count++) {
    await read();
  }
  return reads;
}

const byOffset = (order: string, offset: number) =>
  database.query(
    `SELECT * FROM review WHERE question_id = ? AND state = 'SHOWN' ORDER BY ${order} LIMIT ? OFFSET ?`,
    [questionId, pageRows, offset],
  );

for (const [name, order] of Object.entries(columns)) {
  const sort = ReviewSort[name as keyof typeof ReviewSort];
  const [row] = await database.query<{ rate: number; helpfulCount: bigint; reviewId: bigint }>(
    `SELECT rate, helpful_count, review_id FROM review WHERE question_id = ? AND state = 'SHOWN'
      ORDER BY ${order} LIMIT 1 OFFSET ?`,
    [questionId, deepRow],
  );
  const keys = { NEWEST: [], HIGHEST: [row?.rate], LOWEST: [row?.rate], HELPFUL: [row?.helpfulCount] };
  const after = [...keys[name as keyof typeof keys], row?.reviewId].map(String);
  for (const [place, cursor, offset] of [
    ["first page", { after: undefined, limit: pageRows }, 0],
    ["page at 90 %", { after, limit: pageRows }, deepRow + 1],
  ] as const) {
    const read = (from = database) => listShownReviews(from, { questionId, sort }, cursor as PageCursor);
    const rows = await costOf(database, tx => listShownReviews(tx, { questionId, sort }, cursor));
    const indexes = await indexesOf(database, tx => listShownReviews(tx, { questionId, sort }, cursor));
    process.stdout.write(
      `${name}, ${place}: ${(rows / pageRows).toFixed(1)} rows read for each shown, by ${indexes}\n`,
    );
    await compare(
      "pages",
      [
        { name: "by offset", run: () => repeat(() => byOffset(order, offset)) },
        { name: "by key", run: () => repeat(() => read()) },
      ],
      3,
    );
  }
}

const aggregate = "SELECT rate, COUNT(*) FROM review WHERE question_id = ? AND state = 'SHOWN' GROUP BY rate";
await compare(
  "histograms",
  [
    { name: "aggregate of the reviews", run: () => repeat(() => database.query(aggregate, [questionId])) },
    { name: "as counted", run: () => repeat(() => readRateCounts(database, questionId)) },
  ],
  3,
);
const reviewerIds = Array.from({ length: pageRows }, (_, index) => BigInt(2_000_010 + index * 100));
await compare(
  "pages of reviewers",
  [
    {
      name: "aggregate of their reviews",
      run: () =>
        repeat(() =>
          database.query(
            `SELECT reviewer_id, SUM(rate), COUNT(*) FROM review WHERE reviewer_id IN (?) AND state = 'SHOWN'
              GROUP BY reviewer_id`,
            [reviewerIds],
          ),
        ),
    },
    { name: "as counted", run: () => repeat(() => readReviewers(database, reviewerIds)) },
  ],
  3,
);
await close();
