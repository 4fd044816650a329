import type { Queryable, Tx } from "#kit/data/database.ts";
import { readPages } from "#kit/data/invariants.ts";
import { priceBandOf } from "../../domain/price-band.ts";
import { searchTermsOf } from "../../domain/search-text.ts";

/** What is computed of a question for its listing. */
interface SearchedRow {
  readonly questionId: bigint;
  readonly title: string;
  readonly description: string;
  readonly pricePoints: bigint;
}

const copied = [
  "question_id",
  "creator_id",
  "subject",
  "category_id",
  "type",
  "level",
  "price_points",
  "sales_count",
  "rating_tenths",
  "publish_time",
];
const columns = [...copied, "search_text", "price_band", "search_terms"];

/** Lists questions that are on sale, and no others of the named ones. The caller has locked them. */
export async function putListings(tx: Tx, questionIds: readonly bigint[]): Promise<void> {
  const rows = await tx.query<SearchedRow>(
    `SELECT q.question_id, q.price_points, v.title, v.description
       FROM question q JOIN question_version v ON v.question_id = q.question_id AND v.version = q.version
      WHERE q.question_id IN (?) AND q.state = 'PUBLISHED'`,
    [questionIds],
  );
  const listed = new Set(rows.map(({ questionId }) => questionId));
  const others = questionIds.filter(questionId => !listed.has(questionId));
  if (others.length > 0) {
    await tx.execute("DELETE FROM listing WHERE question_id IN (?)", [others]);
  }
  for (const { questionId, pricePoints, ...searched } of rows) {
    await tx.execute(
      `INSERT INTO listing (${columns.join(", ")})
        SELECT ${copied.map(column => `q.${column}`).join(", ")}, v.search_text, ?, ?
          FROM question q JOIN question_version v ON v.question_id = q.question_id AND v.version = q.version
         WHERE q.question_id = ?
        ON DUPLICATE KEY UPDATE ${columns.map(column => `${column} = VALUES(${column})`).join(", ")}`,
      [priceBandOf(pricePoints), searchTermsOf(searched).join(" "), questionId],
    );
  }
}

/** Takes over how often questions were sold, and their rates; those that are not listed are left out. */
export async function putStatistics(tx: Tx, questionIds: readonly bigint[]): Promise<void> {
  await tx.deferred.execute(
    `UPDATE listing l JOIN question q ON q.question_id = l.question_id
        SET l.sales_count = q.sales_count, l.rating_tenths = q.rating_tenths
      WHERE l.question_id IN (?)`,
    [questionIds],
  );
}

/** The ids of all questions, in pages. */
export async function* readQuestionIds(from: Queryable): AsyncIterable<bigint[]> {
  const pages = readPages<{ questionId: bigint }>(from, {
    columns: "question_id",
    table: "question",
    index: "PRIMARY",
    keyset: [{ column: "question.question_id", direction: "ASC" }],
  });
  for await (const rows of pages) {
    yield rows.map(({ questionId }) => questionId);
  }
}
