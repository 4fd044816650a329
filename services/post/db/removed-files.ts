import type { Tx } from "#kit/data/database.ts";
import { scheduleTask } from "#kit/data/tasks.ts";
import type { StoredFile } from "./posts.ts";

/** The tasks of files that no post refers to; one exists until its file is removed. */
export const removedFileTask = "removed-file";

/** Has files removed from the bucket, after the transaction in which their post loses them. */
export async function removeLater(tx: Tx, files: readonly StoredFile[]): Promise<void> {
  for (const { uploadId } of files) {
    await scheduleTask(tx, removedFileTask, uploadId, 0);
  }
}
