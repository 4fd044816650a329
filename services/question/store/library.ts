import type { QuestionFilter, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Queryable } from "#kit/database.ts";
import type { FileSet } from "../file-set.ts";
import { joinConditions, toConditions } from "./question-filter.ts";

/** A question of a library in the version that was bought. */
export interface LibraryRow {
  readonly entitlementId: bigint;
  readonly questionId: bigint;
  readonly version: number;
  readonly creatorId: bigint;
  readonly title: string;
  readonly subject: Subject;
  readonly categoryTitle: string;
  readonly parentCategoryTitle: string;
  readonly level: number;
  readonly files: FileSet;
  readonly purchaseId: string;
  readonly ownTime: Date;
  /** The time as the database writes it, exact to the microsecond, for pages. */
  readonly ownKey: string;
}

interface Row {
  entitlement_id: bigint;
  question_id: bigint;
  version: number;
  creator_id: bigint;
  title: string;
  subject: number;
  category_title: string | null;
  parent_category_title: string | null;
  level: number;
  files: FileSet;
  purchase_id: string;
  own_time: Date;
  own_key: string;
}

/** Reads what a user owns, latest purchase first, after the given keys. */
export async function listLibrary(
  from: Queryable,
  userId: bigint,
  {
    filter,
    after,
    limit,
  }: {
    filter: QuestionFilter | undefined;
    after: { ownKey: string; entitlementId: bigint } | undefined;
    limit: number;
  },
): Promise<LibraryRow[]> {
  const narrow = joinConditions(toConditions(filter, { said: "v", question: "q" }));
  const ownKey = after?.ownKey ?? "9999-12-31";
  const rows = await from.query<Row>(
    `SELECT e.entitlement_id, e.question_id, e.version, e.purchase_id, e.own_time, CAST(e.own_time AS CHAR) AS own_key,
            q.creator_id, v.title, v.subject, v.level, v.files, c.title AS category_title, parent.title AS parent_category_title
       FROM entitlement e
       JOIN question q ON q.question_id = e.question_id
       JOIN question_version v ON v.question_id = e.question_id AND v.version = e.version
       LEFT JOIN category c ON c.category_id = v.category_id
       LEFT JOIN category parent ON parent.category_id = c.parent_category_id
      WHERE e.user_id = ? AND e.state = 'OWNED' AND e.own_time <= ? AND (e.own_time < ? OR e.entitlement_id < ?)${narrow.sql}
      ORDER BY e.own_time DESC, e.entitlement_id DESC LIMIT ?`,
    [userId, ownKey, ownKey, after?.entitlementId ?? 0n, ...narrow.values, limit],
  );
  return rows.map(toLibraryRow);
}

function toLibraryRow(row: Row): LibraryRow {
  return {
    entitlementId: row.entitlement_id,
    questionId: row.question_id,
    version: row.version,
    creatorId: row.creator_id,
    title: row.title,
    subject: row.subject as Subject,
    categoryTitle: row.category_title ?? "",
    parentCategoryTitle: row.parent_category_title ?? "",
    level: row.level,
    files: row.files,
    purchaseId: row.purchase_id,
    ownTime: row.own_time,
    ownKey: row.own_key,
  };
}
