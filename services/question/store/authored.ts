import { type QuestionContent, QuestionState } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Queryable, Tx } from "#kit/database.ts";
import type { FileSet } from "../file-set.ts";
import { type ContentRow, contentColumns, toContent } from "./versions.ts";

/** A question as its creator works on it, in its latest version. */
export interface AuthoredQuestion {
  readonly questionId: bigint;
  readonly version: number;
  readonly state: QuestionState;
  readonly content: QuestionContent;
  readonly files: FileSet;
  readonly salesCount: bigint;
  readonly createTime: Date;
  readonly publishTime: Date | undefined;
}

/** Names a question and the creator who must have written it. */
export interface Authorship {
  readonly creatorId: bigint;
  readonly questionId: bigint;
}

/** A row of authoredSelect. */
export interface AuthoredRow extends ContentRow {
  question_id: bigint;
  version: number;
  state: "DRAFT" | "PUBLISHED" | "DELETED";
  files: FileSet;
  sales_count: bigint;
  create_time: Date;
  publish_time: Date | null;
}

/** Reads questions in their latest version; `q` is the question, `v` the version. */
export const authoredSelect = `SELECT q.question_id, q.version, q.state, q.sales_count, q.create_time, q.publish_time, v.files, ${contentColumns}
  FROM question q JOIN question_version v ON v.question_id = q.question_id AND v.version = q.version`;

/** Reads a question of a creator unless it is deleted. */
export async function findAuthored(
  from: Queryable,
  { creatorId, questionId }: Authorship,
): Promise<AuthoredQuestion | undefined> {
  const [row] = await from.query<AuthoredRow>(
    `${authoredSelect} WHERE q.question_id = ? AND q.creator_id = ? AND q.state <> 'DELETED'`,
    [questionId, creatorId],
  );
  return row && toAuthored(row);
}

/** Reads a question like findAuthored and keeps every other change out until the transaction ends. */
export async function lockAuthored(tx: Tx, authorship: Authorship): Promise<AuthoredQuestion | undefined> {
  await tx.query("SELECT question_id FROM question WHERE question_id = ? AND creator_id = ? FOR UPDATE", [
    authorship.questionId,
    authorship.creatorId,
  ]);
  return findAuthored(tx, authorship);
}

/** Reads the questions of a creator that are not deleted by falling id, below `beforeId` where it is given. */
export async function listAuthored(
  from: Queryable,
  creatorId: bigint,
  beforeId: bigint | undefined,
  limit: number,
): Promise<AuthoredQuestion[]> {
  const rows = await from.query<AuthoredRow>(
    `${authoredSelect} WHERE q.creator_id = ? AND q.question_id < ? AND q.state <> 'DELETED' ORDER BY q.question_id DESC LIMIT ?`,
    [creatorId, beforeId ?? 2n ** 63n - 1n, limit],
  );
  return rows.map(toAuthored);
}

/** Puts a draft on sale; a question on sale stays as it is. */
export async function publish(tx: Tx, questionId: bigint): Promise<void> {
  await tx.execute(
    "UPDATE question SET state = 'PUBLISHED', publish_time = NOW(6) WHERE question_id = ? AND state = 'DRAFT'",
    [questionId],
  );
}

/** Deletes a question for good. Returns false where the creator has none with this id. */
export async function deleteQuestion(
  from: Queryable,
  { creatorId, questionId }: Authorship,
): Promise<boolean> {
  const { affectedRows } = await from.execute(
    "UPDATE question SET state = 'DELETED' WHERE question_id = ? AND creator_id = ?",
    [questionId, creatorId],
  );
  return affectedRows === 1;
}

/** A question from its row. */
export function toAuthored(row: AuthoredRow): AuthoredQuestion {
  return {
    questionId: row.question_id,
    version: row.version,
    state: QuestionState[row.state],
    content: toContent(row),
    files: row.files,
    salesCount: row.sales_count,
    createTime: row.create_time,
    publishTime: row.publish_time ?? undefined,
  };
}
