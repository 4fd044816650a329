import { finishTask, type Task } from "#kit/data/tasks.ts";
import type { Job } from "#kit/process/loop.ts";
import type { App } from "../app.ts";
import { removeNotifications, withdrawnUserTask } from "../db/notifications.ts";
import { stepJob } from "./step-job.ts";

const claimMs = 30_000;
const rowsAtOnce = 1000;

/** Removes the notifications of users who withdrew, some at a time: the creator of a busy board may have very many. */
export function eraseNotifications(app: Dependencies): Job {
  const pollMs = app.config.cleanup.intervalMs;
  const options = { name: "erase-notifications", kind: withdrawnUserTask, parallel: 1, pollMs, claimMs };
  return stepJob(app, options, task => isFinishedAfterStep(app, task));
}

function isFinishedAfterStep({ database }: Dependencies, task: Task): Promise<boolean> {
  return database.transaction(async tx => {
    if ((await removeNotifications(tx, BigInt(task.id), rowsAtOnce)) === rowsAtOnce) {
      return false;
    }
    await finishTask(tx, task);
    return true;
  });
}

type Dependencies = Pick<App, "database" | "instance" | "log" | "config">;
