import type { QuestionFilter, QuestionType, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { QuestionSort } from "#gen/questioncloud/question/v1/store_pb.ts";
import type { Queryable } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import type { FileSet } from "../domain/file-set.ts";
import { toCondition } from "./question-filter.ts";

/** A question on sale with its active promotion, if there is one. */
export interface StoreRow {
  readonly questionId: bigint;
  readonly creatorId: bigint;
  readonly creatorName: string;
  readonly profileImageUrl: string;
  readonly title: string;
  readonly subject: Subject;
  readonly categoryId: bigint;
  readonly categoryTitle: string;
  readonly parentCategoryTitle: string;
  readonly type: QuestionType;
  readonly level: number;
  readonly pricePoints: bigint;
  readonly salesCount: bigint;
  readonly ratingCount: bigint;
  /** The mean of the rates in tenths. */
  readonly ratingTenths: number;
  readonly thumbnailKey: string | null;
  readonly publishTime: Date;
  readonly promotionId: bigint | null;
  readonly promotionTitle: string | null;
  readonly salePricePoints: bigint | null;
  readonly promotionEndTime: Date | null;
}

/** The details, in addition. */
export interface StoreDetailRow extends StoreRow {
  readonly description: string;
  readonly files: FileSet;
}

const columns = `q.creator_id, q.title, q.subject, q.category_id, q.type, q.level, q.price_points, q.sales_count,
  q.rating_count, q.rating_tenths, q.thumbnail_key, q.publish_time, category.title AS category_title,
  parent.title AS parent_category_title, creator.name AS creator_name, creator.profile_image_url, p.promotion_id,
  p.title AS promotion_title, p.sale_price_points, p.end_time AS promotion_end_time`;

/**
 * Joins what belongs to a question `q` now. Foreign keys guarantee its creator and categories; LEFT JOIN makes the
 * optimizer start with the question.
 */
export const currentJoins = `LEFT JOIN creator ON creator.creator_id = q.creator_id
  LEFT JOIN category ON category.category_id = q.category_id
  LEFT JOIN category parent ON parent.category_id = category.parent_category_id
  LEFT JOIN promotion p ON p.question_id = q.question_id AND p.start_time <= NOW(6) AND p.end_time > NOW(6)`;

interface Order {
  readonly column: string;
  readonly direction: "ASC" | "DESC";
  readonly index: string;
}

// Ties go to the newer question.
const byPopularity: Order = { column: "sales_count", direction: "DESC", index: "ix_question_popularity" };
const orders: ReadonlyMap<QuestionSort, Order> = new Map([
  [QuestionSort.POPULARITY, byPopularity],
  [QuestionSort.LATEST, { column: "publish_time", direction: "DESC", index: "ix_question_latest" }],
  [QuestionSort.LEVEL, { column: "level", direction: "DESC", index: "ix_question_level" }],
  [QuestionSort.RATE, { column: "rating_tenths", direction: "DESC", index: "ix_question_rating" }],
  [QuestionSort.PRICE, { column: "price_points", direction: "ASC", index: "ix_question_price" }],
]);

const fewCategories = 10;

/**
 * The index in which a page is searched. Left alone, the optimizer scans the index of the order because of the limit,
 * even where the filter accepts few of its rows.
 */
function indexFor(filter: QuestionFilter | undefined, order: Order): string {
  if (filter !== undefined && filter.creatorId !== 0n) {
    return "ix_question_creator";
  }
  const categories = filter?.categoryIds.length ?? 0;
  return categories > 0 && categories <= fewCategories ? "ix_question_category" : order.index;
}

/** Reads a page of the store. The page is found in an index alone; only its rows are read whole. */
export function listStoreQuestions(
  from: Queryable,
  { filter, sort }: { filter: QuestionFilter | undefined; sort: QuestionSort },
  page: PageCursor,
): Promise<Page<StoreRow>> {
  const order = orders.get(sort) ?? byPopularity;
  const { column, direction } = order;
  const narrow = toCondition(filter, { content: "s", question: "s" });
  return queryPage(from, {
    select: `SELECT s.question_id FROM question s FORCE INDEX (${indexFor(filter, order)})`,
    where: `s.state = 'PUBLISHED'${narrow.sql}`,
    values: narrow.values,
    keyset: [
      { column: `s.${column}`, direction },
      { column: "s.question_id", direction: "DESC" },
    ],
    page,
    readRows: found => `SELECT page.*, ${columns} FROM (${found}) page
      JOIN question q ON q.question_id = page.question_id ${currentJoins}
      ORDER BY q.${column} ${direction}, q.question_id DESC`,
  });
}

/** Reads one question on sale. */
export async function findStoreQuestion(
  from: Queryable,
  questionId: bigint,
): Promise<StoreDetailRow | undefined> {
  const [question] = await from.query<StoreDetailRow>(
    `SELECT q.question_id, ${columns}, v.description, v.files
       FROM question q JOIN question_version v ON v.question_id = q.question_id AND v.version = q.version
       ${currentJoins}
      WHERE q.question_id = ? AND q.state = 'PUBLISHED'`,
    [questionId],
  );
  return question;
}
