import type { QuestionType, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Queryable } from "#kit/data/database.ts";
import type { FileSet } from "../domain/file-set.ts";

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

/** Reads the named questions in that order; those that are not on sale are left out. */
export async function findStoreQuestions(
  from: Queryable,
  questionIds: readonly bigint[],
): Promise<StoreRow[]> {
  if (questionIds.length === 0) {
    return [];
  }
  const rows = await from.query<StoreRow>(
    `SELECT q.question_id, ${columns} FROM question q ${currentJoins}
      WHERE q.question_id IN (?) AND q.state = 'PUBLISHED'`,
    [questionIds],
  );
  const byId = new Map(rows.map(row => [row.questionId, row]));
  return questionIds.flatMap(questionId => byId.get(questionId) ?? []);
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
