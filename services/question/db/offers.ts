import type { QuestionType, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Queryable } from "#kit/data/database.ts";
import type { Offer } from "../domain/offer.ts";
import { currentJoins } from "./store-questions.ts";

/** An offer with what a purchase records of it, and what a list shows. */
export interface OfferRow extends Offer {
  readonly title: string;
  readonly creatorId: bigint;
  readonly creatorName: string;
  readonly profileImageUrl: string;
  readonly subject: Subject;
  readonly categoryId: bigint;
  readonly categoryTitle: string;
  readonly parentCategoryId: bigint;
  readonly parentCategoryTitle: string;
  readonly type: QuestionType;
  readonly level: number;
  readonly promotionId: bigint | null;
  readonly promotionTitle: string | null;
  readonly promotionEndTime: Date | null;
  readonly thumbnailKey: string | null;
}

/** A question, and what it is to a user. */
interface AccessRow {
  readonly questionId: bigint;
  readonly creatorId: bigint;
  readonly onSale: boolean;
  readonly owned: boolean;
  readonly authored: boolean;
  readonly creatorUserId: bigint;
  readonly title: string;
  readonly parentCategoryTitle: string;
  readonly categoryTitle: string;
}

type Flag = "onSale" | "owned" | "authored";

/** Reads what the named questions are to a user, in no particular order; unknown ones are left out. */
export async function findAccess(
  from: Queryable,
  questionIds: readonly bigint[],
  userId: bigint,
): Promise<AccessRow[]> {
  const rows = await from.query<Omit<AccessRow, Flag> & Record<Flag, bigint>>(
    `SELECT q.question_id, q.creator_id, q.title, q.state = 'PUBLISHED' AS on_sale, e.state IS NOT NULL AS owned,
            creator.user_id = ? AS authored, creator.user_id AS creator_user_id,
            category.title AS category_title, parent.title AS parent_category_title
       FROM question q
       LEFT JOIN creator ON creator.creator_id = q.creator_id
       LEFT JOIN category ON category.category_id = q.category_id
       LEFT JOIN category parent ON parent.category_id = category.parent_category_id
       LEFT JOIN entitlement e ON e.user_id = ? AND e.question_id = q.question_id AND e.state = 'OWNED'
      WHERE q.question_id IN (?)`,
    [userId, userId, questionIds],
  );
  return rows.map(row => ({
    ...row,
    onSale: Number(row.onSale) === 1,
    owned: Number(row.owned) === 1,
    authored: Number(row.authored) === 1,
  }));
}

/** Reads the offers of the named questions for one user, in no particular order; unknown ones are left out. */
export function findOffers(
  from: Queryable,
  questionIds: readonly bigint[],
  userId: bigint,
): Promise<OfferRow[]> {
  return from.query<OfferRow>(
    `SELECT q.question_id, q.version, IF(creator.withdrawn, 'DELETED', q.state) AS state, q.creator_id, q.title,
            q.subject, q.category_id, q.type, q.level, q.price_points, q.thumbnail_key,
            creator.user_id AS creator_user_id, creator.name AS creator_name, creator.profile_image_url,
            category.title AS category_title, category.parent_category_id, parent.title AS parent_category_title,
            p.promotion_id, p.title AS promotion_title, p.sale_price_points, p.end_time AS promotion_end_time,
            e.state AS entitlement
       FROM question q ${currentJoins}
       LEFT JOIN entitlement e ON e.user_id = ? AND e.question_id = q.question_id
      WHERE q.question_id IN (?)`,
    [userId, questionIds],
  );
}
