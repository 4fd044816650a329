import { create } from "@bufbuild/protobuf";
import { QuestionFilterSchema } from "#gen/questioncloud/question/v1/question_pb.ts";
import { QuestionSort } from "#gen/questioncloud/question/v1/store_pb.ts";
import { createListingSearch } from "#services/question/db/lists/listing-search.ts";
import { loadListings, loadQuestions, loadWords } from "#test/support/data/listings.ts";
import { openServiceDatabase } from "./open-database.ts";
import { printRow, timeOf } from "./report.ts";

// The best rated of 100,000 questions with a million reviews, or as many as the argument says: pages by the rating that
// each question keeps, against averages over a covering index and against OFFSET.
const questions = 100_000;
const reviews = Number(process.argv[3] ?? 1_000_000);
const atOnce = 1_000_000;
const shown = 20;
const deep = 90_000;

const { database, close } = await openServiceDatabase("question", {
  innodb_buffer_pool_size: "2G",
  innodb_flush_log_at_trx_commit: "0",
});
const search = createListingSearch(database, (_, find) => find());

async function load(): Promise<void> {
  await loadWords(database);
  await loadQuestions(database, 1, questions);
  await loadListings(database, 1, questions);
  await database.execute("ALTER TABLE seen_review ADD KEY ix_bench (question_id, rate)");
  for (let first = 1; first <= reviews; first += atOnce) {
    const last = Math.min(first + atOnce - 1, reviews);
    await database.execute(
      `INSERT INTO seen_review (review_id, question_id, version, rate)
        SELECT seq, 1 + CRC32(seq) % ${questions}, 1, 1 + CRC32(CONCAT(seq, 'rate')) % 5 FROM seq_${first}_to_${last}`,
    );
    process.stderr.write(`${last} of ${reviews} reviews loaded\n`);
  }
  await database.execute(
    `UPDATE question q JOIN
        (SELECT question_id, SUM(rate) AS rates, COUNT(*) AS n FROM seen_review GROUP BY question_id) r
        ON r.question_id = q.question_id
        SET q.rating_sum = r.rates, q.rating_count = r.n`,
  );
  await database.execute(
    "UPDATE listing l JOIN question q ON q.question_id = l.question_id SET l.rating_tenths = q.rating_tenths",
  );
  await database.query("ANALYZE TABLE listing, question, seen_review");
}

const page = (filter: object, after?: readonly string[]) => () =>
  search.findPage(
    { filter: create(QuestionFilterSchema, filter), sort: QuestionSort.RATE },
    { after, limit: shown },
  );
const average = () =>
  database.query(
    `SELECT question_id, AVG(rate) AS average FROM seen_review GROUP BY question_id
      ORDER BY average DESC, question_id DESC LIMIT ?`,
    [shown],
  );
const offset = () =>
  database.query("SELECT question_id FROM listing ORDER BY rating_tenths DESC, question_id DESC LIMIT ?, ?", [
    deep,
    shown,
  ]);

try {
  await load();
  const [place] = await database.query<{ key: string; id: bigint }>(
    `SELECT CAST(rating_tenths AS CHAR) AS \`key\`, question_id AS id FROM listing
      ORDER BY rating_tenths DESC, question_id DESC LIMIT ?, 1`,
    [deep - 1],
  );
  const after = [place?.key ?? "", String(place?.id)];
  const category = { categoryIds: [2n] };
  const pages = {
    "average over a covering index": average,
    "OFFSET 90,000": offset,
    "first page": page({}),
    "page after 90,000": page({}, after),
    "first page of a category": page(category),
    "page after 90,000 of a category": page(category, after),
  };
  printRow(["page", "", "ms"]);
  for (const [name, read] of Object.entries(pages)) {
    await read();
    printRow([name, "", await timeOf(read, read === average ? 3 : 31)]);
  }
} finally {
  await close();
}
