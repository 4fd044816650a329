import { taskJob } from "#kit/data/task-job.ts";
import { finishTask, type Task } from "#kit/data/tasks.ts";
import { findAnyUpload, removeUpload } from "#kit/files/uploads.ts";
import type { Job } from "#kit/process/loop.ts";
import type { App } from "../app.ts";
import { removedFileTask } from "../db/removed-files.ts";

const parallel = 4;

/** Removes the files of posts that were deleted or edited from the bucket, with the uploads they were copied from. */
export function removeFiles(app: Dependencies): Job {
  const { pollMs, claimMs } = app.config.removedFiles;
  const options = { name: "remove-files", kind: removedFileTask, parallel, pollMs, claimMs };
  return taskJob(app, options, task => removeFile(app, task));
}

async function removeFile({ database, files }: Dependencies, task: Task): Promise<void> {
  const upload = await findAnyUpload(database, task.id);
  if (upload !== undefined && upload.finalKey !== null) {
    await files.remove(upload.finalKey);
    await files.remove(files.stagingKey(upload.uploadId));
  }
  await database.transaction(async tx => {
    await removeUpload(tx, task.id);
    await finishTask(tx, task);
  });
}

type Dependencies = Pick<App, "database" | "instance" | "log" | "config" | "files">;
