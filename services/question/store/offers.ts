import type { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Queryable } from "#kit/database.ts";
import type { Offer } from "../offer.ts";

/** An offer with what a purchase remembers of it. */
export interface FullOffer extends Offer {
  readonly title: string;
  readonly creatorId: bigint;
  readonly subject: Subject;
  readonly categoryId: bigint;
  readonly categoryTitle: string;
  readonly parentCategoryTitle: string;
  readonly level: number;
  readonly promotion:
    | { readonly promotionId: bigint; readonly title: string; readonly salePricePoints: bigint }
    | undefined;
}

interface Row {
  question_id: bigint;
  version: number;
  state: Offer["state"];
  creator_id: bigint;
  creator_user_id: bigint;
  title: string;
  subject: number;
  category_id: bigint;
  category_title: string | null;
  parent_category_title: string | null;
  level: number;
  price_points: bigint;
  promotion_id: bigint | null;
  promotion_title: string | null;
  sale_price_points: bigint | null;
  entitlement: Offer["entitlement"] | null;
}

/** Reads the named questions as one user may buy them at this moment, in no order; unknown ones are left out. */
export async function findOffers(
  from: Queryable,
  questionIds: readonly bigint[],
  userId: bigint,
): Promise<FullOffer[]> {
  const rows = await from.query<Row>(
    `SELECT q.question_id, q.version, q.state, q.creator_id, q.creator_user_id, q.title, q.subject, q.category_id, q.level,
            q.price_points, c.title AS category_title, parent.title AS parent_category_title, p.promotion_id,
            p.title AS promotion_title, p.sale_price_points, e.state AS entitlement
       FROM question q
       LEFT JOIN category c ON c.category_id = q.category_id
       LEFT JOIN category parent ON parent.category_id = c.parent_category_id
       LEFT JOIN promotion p ON p.question_id = q.question_id AND p.start_time <= NOW(6) AND p.end_time > NOW(6)
       LEFT JOIN entitlement e ON e.user_id = ? AND e.question_id = q.question_id
      WHERE q.question_id IN (?)`,
    [userId, questionIds],
  );
  return rows.map(toOffer);
}

function toOffer(row: Row): FullOffer {
  const { promotion_id: promotionId, promotion_title: title, sale_price_points: salePricePoints } = row;
  return {
    questionId: row.question_id,
    version: row.version,
    state: row.state,
    creatorId: row.creator_id,
    creatorUserId: row.creator_user_id,
    title: row.title,
    subject: row.subject as Subject,
    categoryId: row.category_id,
    categoryTitle: row.category_title ?? "",
    parentCategoryTitle: row.parent_category_title ?? "",
    level: row.level,
    pricePoints: row.price_points,
    promotion:
      promotionId === null || salePricePoints === null
        ? undefined
        : { promotionId, title: title ?? "", salePricePoints },
    entitlement: row.entitlement ?? undefined,
  };
}
