import { rmSync } from "node:fs";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { claimTemporaryDirectory } from "#dev/stack/servers/directory.ts";
import { startMariadb } from "#dev/stack/servers/mariadb.ts";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { QuestionFilterSchema, QuestionType, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { QuestionSort } from "#gen/questioncloud/question/v1/store_pb.ts";
import { createDatabase, type Queryable, type SqlValue } from "#kit/data/database.ts";
import type { PageCursor } from "#kit/data/keyset.ts";
import { migrate } from "#kit/data/migrate.ts";
import { listAuthored } from "#services/question/db/authored.ts";
import { allOf, conditionsOf } from "#services/question/db/lists/condition.ts";
import { orderOf } from "#services/question/db/lists/listing-order.ts";
import { createListingSearch } from "#services/question/db/lists/listing-search.ts";
import { findStoreQuestions } from "#services/question/db/store-questions.ts";
import { searchWordsOf } from "#services/question/domain/search-text.ts";
import { loadListings, loadQuestions, loadWords, samples } from "#test/support/data/listings.ts";
import { costOf, indexesOf } from "#test/support/data/rows-read.ts";

import { printRow, ratio, timeOf } from "./report.ts";

// The lists of the store among a million questions, or as many as the argument says: rows read for each question shown
// and time, on the first page and on the page at 90 %, against a scan of the same rows for the same filter.
const total = Number(process.argv[3] ?? 1_000_000);
const atOnce = 100_000;
const shown = 20;

// What Redis keeps for the service.
const kept = new Map<string, Promise<string>>();
const keep = (key: string, find: () => Promise<string>) => {
  const found = kept.get(key) ?? find();
  kept.set(key, found);
  return found;
};

type Filter = MessageInitShape<typeof QuestionFilterSchema>;
const popularity = QuestionSort.POPULARITY;
const lists: Readonly<Record<string, readonly [Filter, QuestionSort]>> = {
  "all, popularity": [{}, popularity],
  "all, price (many ties)": [{}, QuestionSort.PRICE],
  "all, level (many ties)": [{}, QuestionSort.LEVEL],
  "1 category, popularity": [{ categoryIds: [2n] }, popularity],
  "1 rare category, popularity": [{ categoryIds: [73n] }, popularity],
  "10 categories, latest": [
    { categoryIds: [2n, 4n, 9n, 16n, 24n, 32n, 38n, 48n, 66n, 73n] },
    QuestionSort.LATEST,
  ],
  "level 6, popularity": [{ levels: [6] }, popularity],
  "rare type, popularity": [{ type: QuestionType.PAST }, popularity],
  "subject, rate": [{ subjects: [Subject.EARTH_SCIENCE] }, QuestionSort.RATE],
  "prices of none, popularity": [{ minPricePoints: 150n, maxPricePoints: 190n }, popularity],
  "high prices, popularity": [{ minPricePoints: 100_000n }, popularity],
  "prices of many, popularity": [{ minPricePoints: 5_000n, maxPricePoints: 9_000n }, popularity],
  "a creator, popularity": [{ creatorId: 1n }, popularity],
  "frequent word, popularity": [{ text: samples.common }, popularity],
  "word of 1 %, popularity": [{ text: samples.middling }, popularity],
  "rare word, popularity": [{ text: samples.rare }, popularity],
  "rare word, price, category": [{ text: samples.rare, categoryIds: [2n, 3n] }, QuestionSort.PRICE],
  "absent word, popularity": [{ text: samples.absent }, popularity],
  "frequent and rare word, rate": [{ text: `${samples.common} ${samples.rare}` }, QuestionSort.RATE],
  "initials ㅅㄱㅎㅅ, popularity": [{ text: "ㅅㄱㅎㅅ" }, popularity],
};

const run = await claimTemporaryDirectory(join(import.meta.dirname, "../.data"), "bench");
const block = await reservePorts({ base: 29_100, count: 1 });
const settings = {
  innodb_flush_log_at_trx_commit: "0",
  innodb_buffer_pool_size: "2G",
  innodb_log_file_size: "1G",
};
const mariadb = await startMariadb({ dir: run.dir, port: block.ports[0] ?? 0, log: () => {}, settings });
const admin = await connectAdmin(mariadb.url);
await admin.query("CREATE DATABASE bench");
await admin.end();
const database = createDatabase({ url: `${mariadb.url}/bench`, poolSize: 1 });

try {
  await load();
  printRow(["list", "page", "shown", "rows/shown", "ms", "scan ms", "times", "indexes"]);
  for (const [name, [filter, sort]] of Object.entries(lists)) {
    await measure(name, create(QuestionFilterSchema, filter), sort);
  }
  for (const page of [undefined, [String(total / 2)]]) {
    const read = (from: Queryable) => listAuthored(from, 1n, { after: page, limit: shown });
    const { rows } = await read(database);
    const cost = await costOf(database, read);
    printRow([
      "a creator's own",
      page ? "deep" : "first",
      rows.length,
      ratio(cost, rows.length),
      await timeOf(() => read(database)),
      await indexesOf(database, read),
    ]);
  }
} finally {
  await database.close();
  await mariadb.stop();
  await block.release();
  rmSync(run.dir, { recursive: true, force: true });
}

async function load(): Promise<void> {
  await migrate(database, new URL("../services/question/db/migrations/", import.meta.url));
  await loadWords(database);
  const keys = await database.query<{ sql: string }>(
    `SELECT CONCAT(IF(index_type = 'FULLTEXT', 'FULLTEXT ', ''), 'KEY ', index_name, ' (', GROUP_CONCAT(
        CONCAT(column_name, IF(collation = 'D', ' DESC', '')) ORDER BY seq_in_index SEPARATOR ', '), ')') AS \`sql\`
      FROM information_schema.statistics
      WHERE table_schema = DATABASE() AND table_name = 'listing' AND index_name <> 'PRIMARY' GROUP BY index_name`,
  );
  const names = keys.map(({ sql }) => /KEY (\w+)/.exec(sql)?.[1]);
  // Indexes are made at once at the end, which is much faster than row by row.
  await database.execute(`ALTER TABLE listing ${names.map(name => `DROP KEY ${name}`).join(", ")}`);
  for (let first = 1; first <= total; first += atOnce) {
    const last = Math.min(first + atOnce - 1, total);
    await loadQuestions(database, first, last);
    await loadListings(database, first, last);
    process.stderr.write(`${last} of ${total} questions loaded\n`);
  }
  for (const { sql } of keys) {
    const startMs = performance.now();
    await database.execute(`ALTER TABLE listing ADD ${sql}`);
    process.stderr.write(`${/KEY \w+/.exec(sql)?.[0]} after ${Math.round(performance.now() - startMs)} ms\n`);
  }
  await database.query("ANALYZE TABLE listing, question, question_version");
}

async function measure(
  name: string,
  filter: Parameters<typeof conditionsOf>[0],
  sort: QuestionSort,
): Promise<void> {
  const { column, direction } = orderOf(sort);
  const { sql, values } = scanOf(filter);
  const [count] = await database.query<{ n: bigint }>(
    `SELECT COUNT(*) AS n FROM listing l WHERE ${sql}`,
    values,
  );
  const deep = Math.floor(Number(count?.n) * 0.9);
  for (const start of new Set([0, deep])) {
    const place = await database.query<{ key: string; id: bigint }>(
      `SELECT CAST(l.${column} AS CHAR) AS \`key\`, l.question_id AS id FROM listing l WHERE ${sql}
        ORDER BY l.${column} ${direction}, l.question_id DESC LIMIT ?, 1`,
      [...values, Math.max(start - 1, 0)],
    );
    const [last] = place;
    const after = start === 0 || last === undefined ? undefined : [last.key, last.id.toString()];
    const page: PageCursor = { after, limit: shown };
    const read = async (from: Queryable) => {
      const { rows, nextAfter } = await createListingSearch(from, keep).findPage({ filter, sort }, page);
      return { rows: await findStoreQuestions(from, rows), nextAfter };
    };
    let rows: readonly unknown[] = [];
    let nextAfter: readonly string[] | undefined;
    const cost = await costOf(database, async tx => {
      ({ rows, nextAfter } = await read(tx));
    });
    const ms = await timeOf(() => read(database));
    const scanMs = await timeOf(
      () =>
        database.query(
          `SELECT l.question_id FROM listing l IGNORE INDEX (ix_listing_search) WHERE ${sql}
            ORDER BY l.${column} ${direction}, l.question_id DESC LIMIT ?, ?`,
          [...values, start, shown],
        ),
      3,
    );
    const at = start === 0 ? `first of ${count?.n}` : "at 90 %";
    const shownRows = `${rows.length}${rows.length < shown && nextAfter !== undefined ? "…" : ""}`;
    printRow([
      name,
      at,
      shownRows,
      ratio(cost, rows.length),
      ms,
      scanMs,
      (scanMs / ms).toFixed(1),
      await indexesOf(database, read),
    ]);
  }
}

/** The conditions of a filter as a scan checks them, words by substrings. */
function scanOf(filter: Parameters<typeof conditionsOf>[0]): { sql: string; values: SqlValue[] } {
  const narrow = allOf(conditionsOf(filter, "l").values());
  const words = searchWordsOf(filter.text);
  return {
    sql: [narrow.sql, ...words.map(() => "l.search_text LIKE ?")].join(" AND "),
    values: [...narrow.values, ...words.map(({ part }) => `%${part}%`)],
  };
}
