import { create } from "@bufbuild/protobuf";
import {
  FileKind,
  type QuestionContent,
  QuestionContentSchema,
} from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { QuestionType, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Tx } from "#kit/database.ts";
import { type FileSet, fileOf } from "../file-set.ts";

/** The columns of a version that make up its content. */
export interface ContentRow {
  title: string;
  description: string;
  subject: number;
  category_id: bigint;
  type: number;
  level: number;
  price_points: bigint;
}

/** The names of those columns, for a SELECT with the alias `v`. */
export const contentColumns =
  "v.title, v.description, v.subject, v.category_id, v.type, v.level, v.price_points";

/** What a version consists of. */
export interface VersionContent {
  readonly content: QuestionContent;
  readonly files: FileSet;
}

/** Makes the version after `after` of a question. Returns false where it is deleted or another version was made first. */
export async function writeVersion(
  tx: Tx,
  after: { questionId: bigint; version: number },
  { content, files }: VersionContent,
): Promise<boolean> {
  const { affectedRows } = await tx.execute(
    `UPDATE question SET version = version + 1, title = ?, subject = ?, category_id = ?, type = ?, level = ?, price_points = ?,
       thumbnail_key = ? WHERE question_id = ? AND version = ? AND state <> 'DELETED'`,
    [
      content.title,
      content.subject,
      content.categoryId,
      content.type,
      content.level,
      content.pricePoints,
      fileOf(files, FileKind.THUMBNAIL)?.key ?? null,
      after.questionId,
      after.version,
    ],
  );
  if (affectedRows !== 1) {
    return false;
  }
  await insertVersion(tx, { questionId: after.questionId, version: after.version + 1 }, { content, files });
  return true;
}

/** Adds a row that is never changed. */
export async function insertVersion(
  tx: Tx,
  { questionId, version }: { questionId: bigint; version: number },
  { content, files }: VersionContent,
): Promise<void> {
  await tx.execute(
    `INSERT INTO question_version (question_id, version, title, description, subject, category_id, type, level, price_points, files)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      questionId,
      version,
      content.title,
      content.description,
      content.subject,
      content.categoryId,
      content.type,
      content.level,
      content.pricePoints,
      JSON.stringify(files),
    ],
  );
}

/** Content as the contract says it. */
export function toContent(row: ContentRow): QuestionContent {
  return create(QuestionContentSchema, {
    title: row.title,
    description: row.description,
    subject: row.subject as Subject,
    categoryId: row.category_id,
    type: row.type as QuestionType,
    level: row.level,
    pricePoints: row.price_points,
  });
}
