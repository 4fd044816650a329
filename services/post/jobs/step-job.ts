import { taskJob } from "#kit/data/task-job.ts";
import { postponeTask, type Task, withClaim } from "#kit/data/tasks.ts";
import type { Job } from "#kit/process/loop.ts";
import type { App } from "../app.ts";

/**
 * A job whose tasks are worked on in steps, each a short transaction, so that any number of rows may belong to one.
 * `isFinishedAfterStep` ends the task with its last step.
 */
export function stepJob(
  app: Pick<App, "database" | "instance" | "log">,
  options: Parameters<typeof taskJob>[1],
  isFinishedAfterStep: (task: Task) => Promise<boolean>,
): Job {
  return taskJob(app, options, (task, signal) =>
    withClaim(app.database, task, async claimLost => {
      const stopped = AbortSignal.any([signal, claimLost]);
      while (!stopped.aborted) {
        if (await isFinishedAfterStep(task)) {
          return;
        }
      }
      await postponeTask(app.database, task, { delayMs: 0, error: "stopped" });
    }),
  );
}
