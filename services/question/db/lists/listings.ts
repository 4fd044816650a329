import type { Queryable, Tx } from "#kit/data/database.ts";
import { readPages } from "#kit/data/invariants.ts";
import { priceBandOf } from "../../domain/price-band.ts";
import { searchTermsOf } from "../../domain/search-text.ts";

interface ListedRow {
  readonly questionId: bigint;
  readonly creatorId: bigint;
  readonly subject: number;
  readonly categoryId: bigint;
  readonly type: number;
  readonly level: number;
  readonly pricePoints: bigint;
  readonly salesCount: bigint;
  readonly ratingTenths: number;
  readonly publishTime: Date;
  readonly title: string;
  readonly description: string;
  readonly searchText: string;
}

const columns = [
  "question_id",
  "creator_id",
  "subject",
  "category_id",
  "type",
  "level",
  "price_points",
  "price_band",
  "sales_count",
  "rating_tenths",
  "publish_time",
  "search_text",
  "search_terms",
];

/** Lists questions that are on sale, and no others of the named ones. The caller has locked them. */
export async function putListings(tx: Tx, questionIds: readonly bigint[]): Promise<void> {
  const rows = await tx.query<ListedRow>(
    `SELECT q.question_id, q.creator_id, q.subject, q.category_id, q.type, q.level, q.price_points, q.sales_count,
            q.rating_tenths, q.publish_time, v.title, v.description, v.search_text
       FROM question q JOIN question_version v ON v.question_id = q.question_id AND v.version = q.version
      WHERE q.question_id IN (?) AND q.state = 'PUBLISHED'`,
    [questionIds],
  );
  const listed = new Set(rows.map(({ questionId }) => questionId));
  const others = questionIds.filter(questionId => !listed.has(questionId));
  if (others.length > 0) {
    await tx.execute("DELETE FROM listing WHERE question_id IN (?)", [others]);
  }
  for (const row of rows) {
    await tx.execute(
      `INSERT INTO listing (${columns.join(", ")}) VALUES (?)
        ON DUPLICATE KEY UPDATE ${columns.map(column => `${column} = VALUES(${column})`).join(", ")}`,
      [valuesOf(row)],
    );
  }
}

function valuesOf({ title, description, ...row }: ListedRow) {
  const { questionId, creatorId, subject, categoryId, type, level, pricePoints, salesCount, ratingTenths } =
    row;
  return [
    questionId,
    creatorId,
    subject,
    categoryId,
    type,
    level,
    pricePoints,
    priceBandOf(pricePoints),
    salesCount,
    ratingTenths,
    row.publishTime,
    row.searchText,
    searchTermsOf({ title, description }).join(" "),
  ];
}

/** Takes over how often questions were sold, and their rates; those that are not listed are left out. */
export async function putStatistics(tx: Tx, questionIds: readonly bigint[]): Promise<void> {
  await tx.execute(
    `UPDATE listing l JOIN question q ON q.question_id = l.question_id
        SET l.sales_count = q.sales_count, l.rating_tenths = q.rating_tenths
      WHERE l.question_id IN (?)`,
    [questionIds],
  );
}

/** The ids of all questions, in pages. */
export async function* readQuestionIds(from: Queryable): AsyncIterable<bigint[]> {
  const pages = readPages<{ questionId: bigint }>(from, {
    select: "SELECT question_id FROM question",
    keyset: [{ column: "question.question_id", direction: "ASC" }],
  });
  for await (const rows of pages) {
    yield rows.map(({ questionId }) => questionId);
  }
}
