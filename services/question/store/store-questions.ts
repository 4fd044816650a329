import {
  type QuestionFilter,
  QuestionSort,
  type QuestionType,
  type Subject,
} from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Queryable } from "#kit/database.ts";
import type { FileSet } from "../file-set.ts";
import { joinConditions, toConditions } from "./question-filter.ts";

/** A question on sale with the promotion that runs now. */
export interface StoreRow {
  readonly questionId: bigint;
  readonly creatorId: bigint;
  readonly title: string;
  readonly subject: Subject;
  readonly categoryId: bigint;
  readonly categoryTitle: string;
  readonly parentCategoryTitle: string;
  readonly type: QuestionType;
  readonly level: number;
  readonly pricePoints: bigint;
  readonly salesCount: bigint;
  readonly thumbnailKey: string | undefined;
  readonly publishTime: Date;
  readonly promotion:
    | {
        readonly promotionId: bigint;
        readonly title: string;
        readonly salePricePoints: bigint;
        readonly endTime: Date;
      }
    | undefined;
  /** What the list was sorted by, as the database writes it, for pages. */
  readonly sortKey: string;
}

interface Row {
  question_id: bigint;
  creator_id: bigint;
  title: string;
  subject: number;
  category_id: bigint;
  category_title: string | null;
  parent_category_title: string | null;
  type: number;
  level: number;
  price_points: bigint;
  sales_count: bigint;
  thumbnail_key: string | null;
  publish_time: Date;
  promotion_id: bigint | null;
  promotion_title: string | null;
  sale_price_points: bigint | null;
  promotion_end_time: Date | null;
  sort_key: string;
}

const columns = `q.question_id, q.creator_id, q.title, q.subject, q.category_id, q.type, q.level, q.price_points, q.sales_count,
  q.thumbnail_key, q.publish_time, c.title AS category_title, parent.title AS parent_category_title, p.promotion_id,
  p.title AS promotion_title, p.sale_price_points, p.end_time AS promotion_end_time`;
const joins = `LEFT JOIN category c ON c.category_id = q.category_id
  LEFT JOIN category parent ON parent.category_id = c.parent_category_id
  LEFT JOIN promotion p ON p.question_id = q.question_id AND p.start_time <= NOW(6) AND p.end_time > NOW(6)`;

interface Order {
  readonly column: string;
  /** Whether the largest comes first. Ties go to the newer question. */
  readonly falling: boolean;
  readonly index: string;
}

const byPopularity = { column: "sales_count", falling: true, index: "ix_question_popularity" };
const orders: ReadonlyMap<QuestionSort, Order> = new Map([
  [QuestionSort.POPULARITY, byPopularity],
  [QuestionSort.LATEST, { column: "publish_time", falling: true, index: "ix_question_latest" }],
  [QuestionSort.LEVEL, { column: "level", falling: true, index: "ix_question_level" }],
  [QuestionSort.PRICE, { column: "price_points", falling: false, index: "ix_question_price" }],
]);

const fewCategories = 10;

/** Where a page is looked for. With a limit the optimizer walks the order even where hardly a row of it passes the filter. */
function indexFor(filter: QuestionFilter | undefined, order: Order): string {
  if (filter !== undefined && filter.creatorId !== 0n) {
    return "ix_question_creator";
  }
  const categories = filter?.categoryIds.length ?? 0;
  return categories > 0 && categories <= fewCategories ? "ix_question_category" : order.index;
}

/** Reads a page of the store after the given keys. The page is found in an index alone; only its rows are read whole. */
export async function listStoreQuestions(
  from: Queryable,
  {
    filter,
    sort,
    after,
    limit,
  }: {
    filter: QuestionFilter | undefined;
    sort: QuestionSort;
    after: { sortKey: string; questionId: bigint } | undefined;
    limit: number;
  },
): Promise<StoreRow[]> {
  const order = orders.get(sort) ?? byPopularity;
  const { column, falling } = order;
  const direction = falling ? "DESC" : "ASC";
  const sign = falling ? "<" : ">";
  const beyond =
    after === undefined
      ? []
      : [
          {
            sql: `s.${column} ${sign}= ? AND (s.${column} ${sign} ? OR s.question_id < ?)`,
            values: [after.sortKey, after.sortKey, after.questionId],
          },
        ];
  const narrow = joinConditions([...beyond, ...toConditions(filter, { said: "s", question: "s" })]);
  const rows = await from.query<Row>(
    `SELECT ${columns}, CAST(q.${column} AS CHAR) AS sort_key
       FROM (SELECT s.question_id FROM question s FORCE INDEX (${indexFor(filter, order)}) WHERE s.state = 'PUBLISHED'${narrow.sql}
              ORDER BY s.${column} ${direction}, s.question_id DESC LIMIT ?) page
       JOIN question q ON q.question_id = page.question_id ${joins}
      ORDER BY q.${column} ${direction}, q.question_id DESC`,
    [...narrow.values, limit],
  );
  return rows.map(toStoreRow);
}

/** Reads one question on sale, with what only the detail shows. */
export async function findStoreQuestion(
  from: Queryable,
  questionId: bigint,
): Promise<(StoreRow & { description: string; files: FileSet }) | undefined> {
  const [row] = await from.query<Row & { description: string; files: FileSet }>(
    `SELECT ${columns}, '' AS sort_key, v.description, v.files
       FROM question q JOIN question_version v ON v.question_id = q.question_id AND v.version = q.version ${joins}
      WHERE q.question_id = ? AND q.state = 'PUBLISHED'`,
    [questionId],
  );
  return row && { ...toStoreRow(row), description: row.description, files: row.files };
}

function toStoreRow(row: Row): StoreRow {
  const { promotion_id, sale_price_points, promotion_end_time } = row;
  return {
    questionId: row.question_id,
    creatorId: row.creator_id,
    title: row.title,
    subject: row.subject as Subject,
    categoryId: row.category_id,
    categoryTitle: row.category_title ?? "",
    parentCategoryTitle: row.parent_category_title ?? "",
    type: row.type as QuestionType,
    level: row.level,
    pricePoints: row.price_points,
    salesCount: row.sales_count,
    thumbnailKey: row.thumbnail_key ?? undefined,
    publishTime: row.publish_time,
    promotion:
      promotion_id === null || sale_price_points === null || promotion_end_time === null
        ? undefined
        : {
            promotionId: promotion_id,
            title: row.promotion_title ?? "",
            salePricePoints: sale_price_points,
            endTime: promotion_end_time,
          },
    sortKey: row.sort_key,
  };
}
