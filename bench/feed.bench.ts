import type { Queryable } from "#kit/data/database.ts";
import { readFeed } from "#services/subscribe/read-feed.ts";
import { compare } from "./compare.ts";
import { openServiceDatabase } from "./open-database.ts";

// The feed as it is read, creator by creator, against a join that sorts all their questions: a million questions of
// 10,000 creators, the first page and the one after nine of ten questions.
const questions = 1_000_000;
const creators = 1000;
const pageRows = 20;
const follows = [1, 30, 300];

const { database, close } = await openServiceDatabase("subscribe", {
  innodb_buffer_pool_size: "1G",
  innodb_flush_log_at_trx_commit: "2",
});
await database.execute(
  `INSERT INTO question (question_id, creator_id, on_sale, title, subject, level, price_points, publish_time, version)
    SELECT seq, 1 + seq % ${creators}, TRUE, CONCAT('question ', seq), 1, 1, 1000, '2026-01-01' + INTERVAL seq SECOND, 1
      FROM seq_1_to_${questions}`,
);
for (const count of follows) {
  await database.execute(
    `INSERT INTO subscription (user_id, creator_id) SELECT ?, 1 + seq * 7 % ${creators} FROM seq_1_to_${count}`,
    [BigInt(count)],
  );
}
await database.query("ANALYZE TABLE question, subscription");
const [deep] = await database.query<{ feedKey: string }>(
  "SELECT feed_key FROM question WHERE question_id = ?",
  [questions / 10],
);

function join(from: Queryable, userId: bigint, after: string | undefined) {
  return from.query(
    `SELECT q.* FROM subscription s JOIN question q ON q.creator_id = s.creator_id AND q.on_sale
      WHERE s.user_id = ? AND s.state = 'SUBSCRIBED' AND q.feed_key < ? ORDER BY q.feed_key DESC LIMIT ?`,
    [userId, after ?? "9", pageRows + 1],
  );
}

async function repeat(read: () => Promise<unknown>): Promise<number> {
  const reads = 20;
  for (let count = 0; count < reads; count++) {
    await read();
  }
  return reads;
}

for (const count of follows) {
  for (const [place, after] of [
    ["first page", undefined],
    ["deep page", deep?.feedKey],
  ] as const) {
    const userId = BigInt(count);
    const page = { after: after === undefined ? undefined : [after], limit: pageRows };
    await compare("pages", [
      { name: `${count} creators, ${place}: join`, run: () => repeat(() => join(database, userId, after)) },
      {
        name: `${count} creators, ${place}: merge`,
        run: () => repeat(() => readFeed(database, userId, page)),
      },
    ]);
  }
}
await close();
