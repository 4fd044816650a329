import { ReviewSort } from "#gen/questioncloud/review/v1/review_pb.ts";
import type { Queryable } from "#kit/data/database.ts";
import { type KeysetQuery, type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import type { Review } from "../domain/review.ts";
import { reviewColumns } from "./reviews.ts";

/** A review that everyone sees, with its reply. */
export interface ShownReview extends Review {
  readonly helpfulCount: bigint;
  /** Null without a reply. */
  readonly replyComment: string | null;
  readonly replyCreateTime: Date | null;
  readonly replyEditTime: Date | null;
}

interface Order {
  readonly index: string;
  readonly keyset: KeysetQuery["keyset"];
}

const newestFirst = { column: "r.review_id", direction: "DESC" } as const;
const newest: Order = { index: "ix_review_newest", keyset: [newestFirst] };

const orders: ReadonlyMap<ReviewSort, Order> = new Map([
  [
    ReviewSort.HIGHEST,
    { index: "ix_review_highest", keyset: [{ column: "r.rate", direction: "DESC" }, newestFirst] },
  ],
  [
    ReviewSort.LOWEST,
    { index: "ix_review_lowest", keyset: [{ column: "r.rate", direction: "ASC" }, newestFirst] },
  ],
  [
    ReviewSort.HELPFUL,
    { index: "ix_review_helpful", keyset: [{ column: "r.helpful_count", direction: "DESC" }, newestFirst] },
  ],
] as const);

/** Reads a page of the reviews of a question; newer ones come first among equals. */
export function listShownReviews(
  from: Queryable,
  { questionId, sort }: { questionId: bigint; sort: ReviewSort },
  page: PageCursor,
): Promise<Page<ShownReview>> {
  const { index, keyset } = orders.get(sort) ?? newest;
  return queryPage<ShownReview>(from, {
    columns: `${reviewColumns}, r.helpful_count, reply.comment AS reply_comment,
      reply.create_time AS reply_create_time, reply.edit_time AS reply_edit_time`,
    table: "review r",
    index,
    joins: "LEFT JOIN review_reply reply ON reply.review_id = r.review_id",
    where: "r.question_id = ? AND r.state = 'SHOWN'",
    values: [questionId],
    keyset,
    page,
  });
}
