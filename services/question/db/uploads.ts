import { DataTypes, literal, Op } from "sequelize";
import type { Queryable, Tx } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { fromNow, insert } from "#kit/data/sql.ts";
import { moveState } from "#kit/data/state-machine.ts";
import { type Upload, uploadTransitions } from "../domain/upload.ts";

interface UploadRow extends Upload {
  readonly expireTime: Date;
}

const uploads = table<UploadRow>("upload", {
  uploadId: { type: DataTypes.STRING, primaryKey: true },
  questionId: DataTypes.BIGINT,
  kind: DataTypes.TINYINT,
  contentType: DataTypes.STRING,
  sizeBytes: DataTypes.INTEGER,
  state: DataTypes.STRING,
  expireTime: DataTypes.DATE(6),
});

/** Adds an upload that expires after `lifetimeMs`; deletes the question's unused ones that expired a day ago. */
export async function insertUpload(tx: Tx, upload: Omit<Upload, "state">, lifetimeMs: number): Promise<void> {
  await uploads(tx).remove({
    questionId: upload.questionId,
    state: "OPEN",
    expireTime: { [Op.lt]: literal("NOW(6) - INTERVAL 1 DAY") },
  });
  await insert(tx, "upload", { ...upload, expireTime: fromNow(lifetimeMs) });
}

/** Reads an upload for a question. */
export function findUpload(
  from: Queryable,
  uploadId: string,
  questionId: bigint,
): Promise<Upload | undefined> {
  return uploads(from).find({ where: { uploadId, questionId } });
}

/** Marks an upload as accepted. Returns false where it was accepted before. */
export async function acceptUpload(tx: Tx, uploadId: string, finalKey: string): Promise<boolean> {
  const moved = await moveState(tx, {
    table: "upload",
    transitions: uploadTransitions,
    to: "ACCEPTED",
    where: { sql: "upload_id = ?", values: [uploadId] },
    set: { finalKey },
  });
  return moved === 1;
}
