import { ReviewChangedSchema } from "#gen/questioncloud/review/v1/events_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import { createOutbox } from "#kit/events/outbox.ts";
import {
  findReview,
  insertReview,
  lockReview,
  updateContent,
  updateState,
} from "#services/review/db/reviews.ts";
import { countedRate, type Review } from "#services/review/domain/review.ts";
import { invariants } from "#services/review/invariants.ts";
import { publishChange } from "#services/review/review-changes.ts";
import { compare } from "./compare.ts";
import { openServiceDatabase } from "./open-database.ts";

// What the statistics cost: reviews of one question are written, changed and deleted, 16 at a time, with their events;
// without the counters that all of these transactions change, and with them.
const parallel = 16;
const calls = 1500;

const { database, close } = await openServiceDatabase("review", { innodb_flush_log_at_trx_commit: "2" });
const outbox = createOutbox(() => {});

type Publish = (tx: Tx, review: Review, before: number) => Promise<unknown>;

const withoutStatistics: Publish = (tx, review) => {
  const { reviewId, questionId, creatorId, reviewerId, version } = review;
  const event = { reviewId, questionId, creatorId, reviewerId, version, rate: countedRate(review) };
  return outbox.append(tx, ReviewChangedSchema, event);
};
const withStatistics: Publish = (tx, review, before) => publishChange({ outbox }, tx, review, before);

let lastReviewerId = 0n;

async function writeReviews(publish: Publish, questionId: bigint): Promise<number> {
  let left = calls;
  const change = (reviewId: bigint, write: (tx: Tx) => Promise<unknown>) =>
    database.transaction(async tx => {
      const before = await lockReview(tx, reviewId);
      await write(tx);
      const after = await findReview(tx, reviewId);
      if (before !== undefined) {
        const review = after ?? { ...before, state: "DELETED", version: before.version + 1n };
        await publish(tx, review, countedRate(before));
      }
    });
  const worker = async () => {
    for (; left > 0; left -= 3) {
      lastReviewerId += 1n;
      const rate = 1 + Number(lastReviewerId % 5n);
      const content = { rate, comment: "좋은 문항입니다." };
      const row = { questionId, creatorId: 1n, reviewerId: lastReviewerId, ...content };
      const reviewId = await database.transaction(async tx => {
        const inserted = (await insertReview(tx, row)) ?? 0n;
        const review = await findReview(tx, inserted);
        if (review !== undefined) {
          await publish(tx, review, 0);
        }
        return inserted;
      });
      await change(reviewId, tx => updateContent(tx, reviewId, { ...content, rate: 6 - rate }));
      if (left % 2 === 0) {
        await change(reviewId, tx => updateState(tx, reviewId, "DELETED"));
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return calls;
}

await compare(
  "writes",
  [
    { name: "without statistics", run: () => writeReviews(withoutStatistics, 1n) },
    { name: "with statistics", run: () => writeReviews(withStatistics, 2n) },
  ],
  3,
);
// The reviews that were written without are not counted.
await database.execute("UPDATE review SET state = 'DELETED' WHERE question_id = 1");
for (const { name, check } of invariants) {
  for await (const violation of check(database, { graceSeconds: 0 })) {
    process.stdout.write(`${name}: ${violation}\n`);
  }
}
await close();
