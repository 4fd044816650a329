import type { Queryable, Tx } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import type { AuthoredQuestion, QuestionState } from "../domain/question.ts";
import { authoredColumns, versionJoin } from "./authored.ts";

/** A question and its creator, as moderators see them. */
export interface ModeratedRow extends AuthoredQuestion {
  readonly creatorId: bigint;
  /** What a suspended question was; null for any other. */
  readonly restoreState: QuestionState | null;
  readonly creatorName: string;
  readonly profileImageUrl: string;
}

const columns = `${authoredColumns}, q.restore_state, q.creator_id, creator.name AS creator_name,
  creator.profile_image_url`;
const joins = `${versionJoin}
  LEFT JOIN creator ON creator.creator_id = q.creator_id`;

/** Reads a question that is not deleted. */
export async function findModerated(from: Queryable, questionId: bigint): Promise<ModeratedRow | undefined> {
  const [question] = await from.query<ModeratedRow>(
    `SELECT ${columns} FROM question q ${joins} WHERE q.question_id = ? AND q.state <> 'DELETED'`,
    [questionId],
  );
  return question;
}

/** Like findModerated, and locks the question until the transaction ends. */
export async function lockModerated(tx: Tx, questionId: bigint): Promise<ModeratedRow | undefined> {
  await tx.query("SELECT question_id FROM question WHERE question_id = ? FOR UPDATE", [questionId]);
  return findModerated(tx, questionId);
}

/** Reads a page of the questions in a state, the longest in it first. */
export function listModerated(
  from: Queryable,
  state: QuestionState,
  page: PageCursor,
): Promise<Page<ModeratedRow>> {
  return queryPage(from, {
    columns: "s.question_id",
    table: "question s",
    index: "ix_question_state",
    where: "s.state = ?",
    values: [state],
    keyset: [
      { column: "s.state_time", direction: "ASC" },
      { column: "s.question_id", direction: "ASC" },
    ],
    page,
    readRows: found => `SELECT page.*, ${columns} FROM (${found}) page
      JOIN question q ON q.question_id = page.question_id ${joins}
      ORDER BY q.state_time, q.question_id`,
  });
}
