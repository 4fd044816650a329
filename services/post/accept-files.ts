import type { PostFileContent } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { Queryable, Tx } from "#kit/data/database.ts";
import { copyChecked, findUpload, markAccepted, type Upload } from "#kit/files/uploads.ts";
import type { App } from "./app.ts";
import type { StoredFile } from "./db/posts.ts";
import { uploadNotFound } from "./failures.ts";

/** A file that a post will have: an upload, and where its checked copy is. */
interface CheckedFile {
  readonly name: string;
  readonly upload: Upload;
  readonly key: string;
}

/** Checks and copies the uploads that a post names, those that no post had before. Throws as copyChecked does. */
export function checkFiles(
  { database, files }: Pick<App, "database" | "files">,
  writerId: bigint,
  named: readonly PostFileContent[],
): Promise<CheckedFile[]> {
  return Promise.all(
    named.map(async ({ uploadId, name }) => {
      const upload = await requireUpload(database, uploadId, writerId);
      return { name, upload, key: upload.finalKey ?? (await copyChecked(files, upload)) };
    }),
  );
}

/** Accepts checked files, in the transaction of the post that has them. */
export async function acceptFiles(tx: Tx, checked: readonly CheckedFile[]): Promise<StoredFile[]> {
  const stored: StoredFile[] = [];
  for (const { name, upload, key } of checked) {
    const { uploadId, ownerId, contentType, sizeBytes } = upload;
    const isNew = upload.state === "OPEN" && (await markAccepted(tx, uploadId, key));
    // Another call may have accepted the same upload with a copy of its own.
    const current = isNew ? { finalKey: key } : await requireUpload(tx, uploadId, ownerId);
    stored.push({ uploadId, name, key: current.finalKey ?? key, contentType, sizeBytes });
  }
  return stored;
}

async function requireUpload(from: Queryable, uploadId: string, ownerId: bigint): Promise<Upload> {
  const upload = await findUpload(from, uploadId, ownerId);
  if (upload === undefined) {
    throw uploadNotFound();
  }
  return upload;
}
