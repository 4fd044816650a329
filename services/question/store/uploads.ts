import type { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Queryable, Tx } from "#kit/database.ts";
import type { AnnouncedFile } from "../uploaded-file.ts";
import type { Authorship } from "./authored.ts";

/** A file that was announced for a question. */
export interface AnnouncedUpload extends AnnouncedFile {
  readonly uploadId: string;
  readonly questionId: bigint;
  readonly kind: FileKind;
  readonly state: "OPEN" | "ACCEPTED";
}

interface Row {
  upload_id: string;
  question_id: bigint;
  kind: number;
  content_type: string;
  size_bytes: bigint;
  state: AnnouncedUpload["state"];
}

/** Adds an upload that ends after `lifetimeSeconds`, and drops those of the question that ended a day ago without a file. */
export async function insertUpload(
  tx: Tx,
  upload: Omit<AnnouncedUpload, "state">,
  lifetimeSeconds: number,
): Promise<void> {
  await tx.execute(
    "DELETE FROM upload WHERE question_id = ? AND state = 'OPEN' AND expire_time < NOW(6) - INTERVAL 1 DAY",
    [upload.questionId],
  );
  await tx.execute(
    `INSERT INTO upload (upload_id, question_id, kind, content_type, size_bytes, expire_time)
     VALUES (?, ?, ?, ?, ?, NOW(6) + INTERVAL ? SECOND)`,
    [upload.uploadId, upload.questionId, upload.kind, upload.contentType, upload.sizeBytes, lifetimeSeconds],
  );
}

/** Reads an upload for a question of a creator that is not deleted. */
export async function findUpload(
  from: Queryable,
  uploadId: string,
  { creatorId, questionId }: Authorship,
): Promise<AnnouncedUpload | undefined> {
  const [row] = await from.query<Row>(
    `SELECT u.upload_id, u.question_id, u.kind, u.content_type, u.size_bytes, u.state
       FROM upload u JOIN question q ON q.question_id = u.question_id
      WHERE u.upload_id = ? AND q.question_id = ? AND q.creator_id = ? AND q.state <> 'DELETED'`,
    [uploadId, questionId, creatorId],
  );
  return (
    row && {
      uploadId: row.upload_id,
      questionId: row.question_id,
      kind: row.kind as FileKind,
      contentType: row.content_type,
      sizeBytes: Number(row.size_bytes),
      state: row.state,
    }
  );
}

/** Marks an upload as accepted. Returns false where it was before. */
export async function closeUpload(tx: Tx, uploadId: string, finalKey: string): Promise<boolean> {
  const { affectedRows } = await tx.execute(
    "UPDATE upload SET state = 'ACCEPTED', final_key = ? WHERE upload_id = ? AND state = 'OPEN'",
    [finalKey, uploadId],
  );
  return affectedRows === 1;
}
