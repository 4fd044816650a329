import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insert, raw } from "#kit/data/sql.ts";
import { moveState } from "#kit/data/state-machine.ts";
import { type AuthoredQuestion, type Content, questionTransitions } from "../domain/question.ts";
import { contentColumns, insertVersion, listed } from "./versions.ts";

/** A question id and the creator who must be its author. */
export interface Authorship {
  readonly creatorId: bigint;
  readonly questionId: bigint;
}

const select = `SELECT q.question_id, q.version, q.state, q.sales_count, q.create_time, q.publish_time, v.files,
    ${contentColumns}
  FROM question q JOIN question_version v ON v.question_id = q.question_id AND v.version = q.version`;

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
    select,
    where: "q.creator_id = ? AND q.state <> 'DELETED'",
    values: [creatorId],
    keyset: [{ column: "q.question_id", direction: "DESC" }],
    page,
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

/** Puts a draft on sale; a question on sale is unchanged. */
export async function publish(tx: Tx, questionId: bigint): Promise<void> {
  await moveState(tx, {
    table: "question",
    transitions: questionTransitions,
    to: "PUBLISHED",
    where: { sql: "question_id = ?", values: [questionId] },
    set: { publishTime: raw("NOW(6)") },
  });
}

/** Deletes all questions of a creator for good. */
export async function deleteAllOf(tx: Tx, creatorId: bigint): Promise<void> {
  const where = { sql: "creator_id = ?", values: [creatorId] };
  await moveState(tx, { table: "question", transitions: questionTransitions, to: "DELETED", where });
}

/** Deletes a question for good. Returns false where the creator has none with this id. */
export async function markDeleted(tx: Tx, { creatorId, questionId }: Authorship): Promise<boolean> {
  const where = { sql: "question_id = ? AND creator_id = ?", values: [questionId, creatorId] };
  await moveState(tx, { table: "question", transitions: questionTransitions, to: "DELETED", where });
  const rows = await tx.query(`SELECT 1 FROM question WHERE ${where.sql}`, where.values);
  return rows.length > 0;
}
