import type { QuestionContent } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { type Tx, violatedKey } from "#kit/database.ts";
import { type AuthoredQuestion, type AuthoredRow, authoredSelect, toAuthored } from "./authored.ts";
import { type ContentRow, contentColumns, insertVersion, toContent } from "./versions.ts";

/** Adds a draft. Returns undefined where the creator has used the request id. */
export async function insertDraft(
  tx: Tx,
  draft: { creatorId: bigint; creatorUserId: bigint; requestId: string; content: QuestionContent },
): Promise<bigint | undefined> {
  const { creatorId, creatorUserId, requestId, content } = draft;
  try {
    const { insertId } = await tx.execute(
      `INSERT INTO question (creator_id, creator_user_id, request_id, title, subject, category_id, type, level, price_points)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        creatorId,
        creatorUserId,
        requestId,
        content.title,
        content.subject,
        content.categoryId,
        content.type,
        content.level,
        content.pricePoints,
      ],
    );
    await insertVersion(tx, { questionId: insertId, version: 1 }, { content, files: [] });
    return insertId;
  } catch (error) {
    if (violatedKey(error) === "uq_question_request") {
      return undefined;
    }
    throw error;
  }
}

/** Reads the question that was made by a request, deleted or not, and what it said at first. */
export async function findByRequest(
  tx: Tx,
  { creatorId, requestId }: { creatorId: bigint; requestId: string },
): Promise<{ question: AuthoredQuestion; firstContent: QuestionContent } | undefined> {
  const [row] = await tx.query<AuthoredRow>(`${authoredSelect} WHERE q.creator_id = ? AND q.request_id = ?`, [
    creatorId,
    requestId,
  ]);
  if (row === undefined) {
    return undefined;
  }
  const [first] = await tx.query<ContentRow>(
    `SELECT ${contentColumns} FROM question_version v WHERE v.question_id = ? AND v.version = 1`,
    [row.question_id],
  );
  return first && { question: toAuthored(row), firstContent: toContent(first) };
}
