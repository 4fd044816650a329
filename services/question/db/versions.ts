import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import { insert, update } from "#kit/data/sql.ts";
import { type FileSet, fileOf } from "../domain/file-set.ts";
import type { Content } from "../domain/question.ts";
import { searchTextOf } from "../domain/search-text.ts";

/** The columns of a version that make up its content, for a SELECT with the alias `v`. */
export const contentColumns =
  "v.title, v.description, v.subject, v.category_id, v.type, v.level, v.price_points";

/**
 * Inserts the version after `after` of a question. Returns false where the question is deleted or another version was
 * inserted first.
 */
export async function insertNextVersion(
  tx: Tx,
  after: { questionId: bigint; version: number },
  { content, files }: { content: Content; files: FileSet },
): Promise<boolean> {
  const { questionId } = after;
  const version = after.version + 1;
  const updated = await update(
    tx,
    "question",
    { ...listed(content), thumbnailKey: fileOf(files, FileKind.THUMBNAIL)?.key ?? null, version },
    { sql: "question_id = ? AND version = ? AND state <> 'DELETED'", values: [questionId, after.version] },
  );
  if (updated === 1) {
    await insertVersion(tx, { questionId, version, content, files });
  }
  return updated === 1;
}

/** Adds a row that never changes. */
export async function insertVersion(
  tx: Tx,
  {
    questionId,
    version,
    content,
    files,
  }: { questionId: bigint; version: number; content: Content; files: FileSet },
): Promise<void> {
  await insert(tx, "question_version", {
    questionId,
    version,
    ...listed(content),
    description: content.description,
    files: JSON.stringify(files),
    searchText: searchTextOf(content),
  });
}

/** Reads the content of the first version of a question. */
export async function findFirstContent(tx: Tx, questionId: bigint): Promise<Content | undefined> {
  const [content] = await tx.query<Content>(
    `SELECT ${contentColumns} FROM question_version v WHERE v.question_id = ? AND v.version = 1`,
    [questionId],
  );
  return content;
}

/** The part of the content that the row of the question duplicates, because the store filters and sorts by it. */
export function listed({ title, subject, categoryId, type, level, pricePoints }: Content) {
  return { title, subject, categoryId, type, level, pricePoints };
}
