import type { PostFileContent } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import { copyChecked, findUpload, markAccepted } from "#kit/files/uploads.ts";
import type { App } from "./app.ts";
import type { StoredFile } from "./db/posts.ts";
import { uploadNotFound } from "./failures.ts";

/** A file that a post will have, and whether the post has it already. */
interface CheckedFile extends StoredFile {
  readonly isNew: boolean;
}

/** Checks and copies the uploads that a post names and does not have yet. Throws as copyChecked does. */
export function checkFiles(
  { database, files }: Pick<App, "database" | "files">,
  writerId: bigint,
  named: readonly PostFileContent[],
  existing: readonly StoredFile[],
): Promise<CheckedFile[]> {
  return Promise.all(
    named.map(async ({ uploadId, name }) => {
      const known = existing.find(file => file.uploadId === uploadId);
      if (known !== undefined) {
        return { ...known, name, isNew: false };
      }
      const upload = await findUpload(database, uploadId, writerId);
      if (upload === undefined) {
        throw uploadNotFound();
      }
      const { contentType, sizeBytes } = upload;
      const key = await copyChecked(files, upload);
      return { uploadId, name, key, contentType, sizeBytes, isNew: true };
    }),
  );
}

/**
 * Accepts checked files, in the transaction of the post that has them. Returns undefined where another post has one of
 * them.
 */
export async function acceptFiles(
  tx: Tx,
  checked: readonly CheckedFile[],
): Promise<StoredFile[] | undefined> {
  for (const { uploadId, key, isNew } of checked) {
    if (isNew && !(await markAccepted(tx, uploadId, key))) {
      return undefined;
    }
  }
  return checked.map(({ isNew: _, ...file }) => file);
}
