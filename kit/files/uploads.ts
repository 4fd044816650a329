import { DataTypes, literal, Op } from "sequelize";
import { v7 as uuidv7 } from "uuid";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Transitions } from "#kit/contract/transitions.ts";
import type { Queryable, Tx } from "#kit/data/database.ts";
import { type Invariant, stateInvariant } from "#kit/data/invariants.ts";
import { table } from "#kit/data/model.ts";
import { fromNow, insert } from "#kit/data/sql.ts";
import { moveState } from "#kit/data/state-machine.ts";
import { differenceOf, type FileSpec, type FoundFile } from "#kit/files/file-spec.ts";
import type { Files } from "#kit/files/files.ts";
import type { FilesConfig } from "#kit/files/files-config.ts";

type UploadState = "OPEN" | "ACCEPTED";

const uploadTransitions: Transitions<UploadState> = {
  OPEN: ["ACCEPTED"],
  ACCEPTED: [],
};

/** A file that a client will upload, or has uploaded, for an owner. */
export interface Upload extends FileSpec {
  readonly uploadId: string;
  readonly ownerId: bigint;
  readonly kind: number;
  readonly state: UploadState;
  /** Where the accepted file is; null before. */
  readonly finalKey: string | null;
}

const uploads = table<Upload & { readonly expireTime: Date }>("upload", {
  uploadId: { type: DataTypes.STRING, primaryKey: true },
  ownerId: DataTypes.BIGINT,
  kind: DataTypes.TINYINT,
  contentType: DataTypes.STRING,
  sizeBytes: DataTypes.INTEGER,
  state: DataTypes.STRING,
  finalKey: DataTypes.STRING,
  expireTime: DataTypes.DATE(6),
});

/** What always holds over the uploads of a service. */
export const uploadStates: Invariant = stateInvariant({
  table: "upload",
  id: "upload_id",
  transitions: uploadTransitions,
  setIn: { final_key: ["ACCEPTED"] },
});

/** Adds an upload and returns its id; deletes the owner's unused ones that expired a day ago. */
export async function insertUpload(
  tx: Tx,
  upload: FileSpec & Pick<Upload, "ownerId" | "kind">,
  { uploadLifetimeSeconds }: Pick<FilesConfig, "uploadLifetimeSeconds">,
): Promise<string> {
  await uploads(tx).remove({
    ownerId: upload.ownerId,
    state: "OPEN",
    expireTime: { [Op.lt]: literal("NOW(6) - INTERVAL 1 DAY") },
  });
  const uploadId = uuidv7();
  await insert(tx, "upload", { uploadId, ...upload, expireTime: fromNow(uploadLifetimeSeconds * 1000) });
  return uploadId;
}

/** Reads an upload. */
export function findAnyUpload(from: Queryable, uploadId: string): Promise<Upload | undefined> {
  return uploads(from).find({ where: { uploadId } });
}

/** Removes an upload whose file is gone. */
export async function removeUpload(on: Queryable, uploadId: string): Promise<void> {
  await uploads(on).remove({ uploadId });
}

/** Reads an upload of an owner. */
export function findUpload(from: Queryable, uploadId: string, ownerId: bigint): Promise<Upload | undefined> {
  return uploads(from).find({ where: { uploadId, ownerId } });
}

/**
 * Copies an uploaded file to a key that no client can write to and checks the copy; the first check only saves copies.
 * Returns the key, which was never used before, so that no retry of the same upload can change an accepted file. Throws
 * UPLOAD_NOT_FOUND or INVALID_FILE, and keeps no copy then.
 */
export async function copyChecked(files: Files, upload: Upload): Promise<string> {
  const { uploadId, ownerId } = upload;
  const from = files.stagingKey(uploadId);
  const to = `files/${ownerId}/${uploadId}/${uuidv7()}`;
  requireAsSpecified(upload, await files.inspect(from));
  if (!(await files.copy(from, to))) {
    throw new Failure(Reason.UPLOAD_NOT_FOUND);
  }
  try {
    requireAsSpecified(upload, await files.inspect(to));
  } catch (error) {
    await Promise.allSettled([files.remove(to)]);
    throw error;
  }
  return to;
}

function requireAsSpecified(upload: Upload, found: FoundFile | undefined): void {
  if (found === undefined) {
    throw new Failure(Reason.UPLOAD_NOT_FOUND);
  }
  const cause = differenceOf(upload, found);
  if (cause !== undefined) {
    throw new Failure(Reason.INVALID_FILE, { metadata: { cause } });
  }
}

/** Marks an upload as accepted. Returns false where it was accepted before. */
export async function markAccepted(tx: Tx, uploadId: string, finalKey: string): Promise<boolean> {
  const moved = await moveState(tx, {
    table: "upload",
    transitions: uploadTransitions,
    to: "ACCEPTED",
    where: { sql: "upload_id = ?", values: [uploadId] },
    set: { finalKey },
  });
  return moved === 1;
}

/** A checked copy of an upload. */
interface Copy {
  readonly uploadId: string;
  readonly key: string;
}

interface Stores {
  readonly database: Queryable;
  readonly files: Files;
}

/**
 * Runs the transaction that accepts copies. Another call may accept the same upload first, so the copies that are not
 * accepted afterwards are removed.
 */
export async function storeCopies<T>(
  stores: Stores,
  copies: readonly Copy[],
  store: () => Promise<T>,
): Promise<T> {
  try {
    const stored = await store();
    await removeUnused(stores, copies);
    return stored;
  } catch (error) {
    // Without an answer of the database, the transaction may be committed.
    if (error instanceof Failure && error.reason !== Reason.SERVICE_UNAVAILABLE) {
      await removeUnused(stores, copies);
    }
    throw error;
  }
}

async function removeUnused({ database, files }: Stores, copies: readonly Copy[]): Promise<void> {
  await Promise.allSettled(
    copies.map(async ({ uploadId, key }) => {
      if ((await findAnyUpload(database, uploadId))?.finalKey !== key) {
        await files.remove(key);
      }
    }),
  );
}
