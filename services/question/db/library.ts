import type { QuestionFilter, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Queryable } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import type { FileSet } from "../domain/file-set.ts";
import { toCondition } from "./question-filter.ts";

/** A question of a library in the version that was bought. */
export interface LibraryRow {
  readonly questionId: bigint;
  readonly version: number;
  readonly creatorId: bigint;
  readonly creatorName: string;
  readonly profileImageUrl: string;
  readonly title: string;
  readonly subject: Subject;
  readonly categoryTitle: string;
  readonly parentCategoryTitle: string;
  readonly level: number;
  readonly files: FileSet;
  readonly purchaseId: string;
  readonly ownTime: Date;
}

// Without the hint the optimizer scans from the latest purchase to find a page in the middle of a large library.
const select = `SELECT e.question_id, e.version, e.purchase_id, e.own_time, q.creator_id, v.title, v.subject, v.level,
    v.files, category.title AS category_title, parent.title AS parent_category_title, creator.name AS creator_name,
    creator.profile_image_url
  FROM entitlement e FORCE INDEX (ix_entitlement_library)
  JOIN question q ON q.question_id = e.question_id
  JOIN question_version v ON v.question_id = e.question_id AND v.version = e.version
  LEFT JOIN category ON category.category_id = v.category_id
  LEFT JOIN category parent ON parent.category_id = category.parent_category_id
  LEFT JOIN creator ON creator.creator_id = q.creator_id`;

/** Reads a page of what a user owns, latest purchase first. */
export function listLibrary(
  from: Queryable,
  userId: bigint,
  filter: QuestionFilter | undefined,
  page: PageCursor,
): Promise<Page<LibraryRow>> {
  const narrow = toCondition(filter, { content: "v", question: "q" });
  return queryPage(from, {
    select,
    where: `e.user_id = ? AND e.state = 'OWNED'${narrow.sql}`,
    values: [userId, ...narrow.values],
    keyset: [
      { column: "e.own_time", direction: "DESC" },
      { column: "e.entitlement_id", direction: "DESC" },
    ],
    page,
  });
}
