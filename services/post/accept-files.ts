import type { PostFileContent } from "#gen/questioncloud/post/v1/post_pb.ts";
import type { Queryable, Tx } from "#kit/data/database.ts";
import type { Files } from "#kit/files/files.ts";
import { copyChecked, findUpload, markAccepted, storeCopies, type Upload } from "#kit/files/uploads.ts";
import type { App } from "./app.ts";
import type { StoredFile } from "./db/posts.ts";
import { uploadNotFound } from "./failures.ts";

/** A file that a post will have, and whether the post has it already. */
interface CheckedFile extends StoredFile {
  readonly isNew: boolean;
}

/** A file that a post names: one that it has, or an upload. */
interface NamedFile {
  readonly name: string;
  readonly source: StoredFile | Upload;
}

/**
 * Checks and copies the uploads that a post names and does not have yet. Returns undefined where one of them is
 * accepted, by another post or the same request, and copies nothing then. Throws as copyChecked does.
 */
export async function checkFiles(
  { database, files }: Pick<App, "database" | "files">,
  writerId: bigint,
  named: readonly PostFileContent[],
  existing: readonly StoredFile[],
): Promise<CheckedFile[] | undefined> {
  const found = await Promise.all(named.map(file => findFile(database, writerId, file, existing)));
  const isAccepted = found.some(({ source }) => "state" in source && source.state === "ACCEPTED");
  return isAccepted ? undefined : copyAll(files, found);
}

async function findFile(
  from: Queryable,
  writerId: bigint,
  { uploadId, name }: PostFileContent,
  existing: readonly StoredFile[],
): Promise<NamedFile> {
  const known = existing.find(file => file.uploadId === uploadId);
  const source = known ?? (await findUpload(from, uploadId, writerId));
  if (source === undefined) {
    throw uploadNotFound();
  }
  return { name, source };
}

async function copyAll(files: Files, found: readonly NamedFile[]): Promise<CheckedFile[]> {
  const results = await Promise.allSettled(
    found.map(async ({ name, source }) => {
      if ("key" in source) {
        return { ...source, name, isNew: false };
      }
      const { uploadId, contentType, sizeBytes } = source;
      return {
        uploadId,
        name,
        key: await copyChecked(files, source),
        contentType,
        sizeBytes,
        isNew: true,
      };
    }),
  );
  const checked = results.flatMap(result => (result.status === "fulfilled" ? [result.value] : []));
  const refused = results.find(({ status }) => status === "rejected");
  if (refused?.status === "rejected") {
    // No post will refer to the copies of the others.
    await Promise.allSettled(checked.filter(({ isNew }) => isNew).map(({ key }) => files.remove(key)));
    throw refused.reason;
  }
  return checked;
}

/** Runs the transaction of a post that has checked files, and removes the copies that no post refers to afterwards. */
export function storeWithFiles<T>(
  app: Pick<App, "database" | "files">,
  checked: readonly CheckedFile[] | undefined,
  store: () => Promise<T>,
): Promise<T> {
  const copies = (checked ?? []).filter(({ isNew }) => isNew);
  return storeCopies(app, copies, store);
}

/**
 * Accepts checked files, in the transaction of the post that has them. Returns undefined where another post has one of
 * them.
 */
export async function acceptFiles(
  tx: Tx,
  checked: readonly CheckedFile[] | undefined,
): Promise<StoredFile[] | undefined> {
  if (checked === undefined) {
    return undefined;
  }
  for (const { uploadId, key, isNew } of checked) {
    if (isNew && !(await markAccepted(tx, uploadId, key))) {
      return undefined;
    }
  }
  return checked.map(({ isNew: _, ...file }) => file);
}
