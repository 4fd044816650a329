import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insert } from "#kit/data/sql.ts";
import type { AuthoredQuestion, Content } from "../domain/question.ts";
import { contentColumns, insertVersion, listed } from "./versions.ts";

/** A question id and the creator who must be its author. */
export interface Authorship {
  readonly creatorId: bigint;
  readonly questionId: bigint;
}

/** The columns of an AuthoredQuestion, for a SELECT with the aliases `q` and `v`. */
export const authoredColumns = `q.question_id, q.version, q.state, q.state_reason, q.sales_count, q.create_time,
  q.publish_time, v.files, ${contentColumns}`;

/** The latest version of a question `q`. */
export const versionJoin =
  "JOIN question_version v ON v.question_id = q.question_id AND v.version = q.version";

const select = `SELECT ${authoredColumns} FROM question q ${versionJoin}`;

/** Reads a question of a creator unless it is deleted. */
export async function findAuthored(
  from: Queryable,
  { creatorId, questionId }: Authorship,
): Promise<AuthoredQuestion | undefined> {
  const [question] = await from.query<AuthoredQuestion>(
    `${select} WHERE q.question_id = ? AND q.creator_id = ? AND q.state <> 'DELETED'`,
    [questionId, creatorId],
  );
  return question;
}

/** Like findAuthored, and locks the question until the transaction ends. */
export async function lockAuthored(tx: Tx, authorship: Authorship): Promise<AuthoredQuestion | undefined> {
  await tx.query("SELECT question_id FROM question WHERE question_id = ? AND creator_id = ? FOR UPDATE", [
    authorship.questionId,
    authorship.creatorId,
  ]);
  return findAuthored(tx, authorship);
}

/** Reads a page of the questions of a creator that are not deleted, newest first. */
export function listAuthored(
  from: Queryable,
  creatorId: bigint,
  page: PageCursor,
): Promise<Page<AuthoredQuestion>> {
  return queryPage(from, {
    columns: "s.question_id",
    table: "question s",
    index: "ix_question_creator",
    where: "s.creator_id = ? AND s.is_kept = 1",
    values: [creatorId],
    keyset: [{ column: "s.question_id", direction: "DESC" }],
    page,
    readRows: found => `SELECT page.*, ${authoredColumns} FROM (${found}) page
      JOIN question q ON q.question_id = page.question_id ${versionJoin} ORDER BY q.question_id DESC`,
  });
}

/** Adds a draft. Returns undefined where the creator has used the request id. */
export async function insertDraft(
  tx: Tx,
  { creatorId, requestId, content }: { creatorId: bigint; requestId: string; content: Content },
): Promise<bigint | undefined> {
  try {
    const questionId = await insert(tx, "question", { creatorId, requestId, ...listed(content) });
    await insertVersion(tx, { questionId, version: 1, content, files: [] });
    return questionId;
  } catch (error) {
    if (violatedKey(error) === "uq_question_request") {
      return undefined;
    }
    throw error;
  }
}

/** Reads the question that a request created, deleted or not. */
export async function findByRequest(
  tx: Tx,
  { creatorId, requestId }: { creatorId: bigint; requestId: string },
): Promise<AuthoredQuestion | undefined> {
  const [question] = await tx.query<AuthoredQuestion>(
    `${select} WHERE q.creator_id = ? AND q.request_id = ?`,
    [creatorId, requestId],
  );
  return question;
}

/** Whether a creator wrote a question, deleted or not. */
export async function isAuthor(from: Queryable, { creatorId, questionId }: Authorship): Promise<boolean> {
  const rows = await from.query("SELECT 1 FROM question WHERE question_id = ? AND creator_id = ?", [
    questionId,
    creatorId,
  ]);
  return rows.length > 0;
}
