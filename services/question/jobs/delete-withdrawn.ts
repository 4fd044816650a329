import { taskJob } from "#kit/data/task-job.ts";
import { finishTask, postponeTask, type Task, withClaim } from "#kit/data/tasks.ts";
import type { Job } from "#kit/process/loop.ts";
import type { App } from "../app.ts";
import { withdrawalTask } from "../db/creators.ts";
import { deleteSomeOf } from "../db/question-states.ts";
import { publishChange } from "../publish-change.ts";

const parallel = 2;
const questionsAtOnce = 50;

/** Deletes the questions of creators who withdrew, some at a time, so that no transaction grows with their number. */
export function deleteWithdrawn(app: Dependencies): Job {
  const { pollMs, claimMs } = app.config.withdrawals;
  const options = { name: "delete-withdrawn", kind: withdrawalTask, parallel, pollMs, claimMs };
  return taskJob(app, options, (task, signal) =>
    withClaim(app.database, task, claimLost => deleteAll(app, task, AbortSignal.any([signal, claimLost]))),
  );
}

async function deleteAll(app: Dependencies, task: Task, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if ((await deleteNext(app, BigInt(task.id))) < questionsAtOnce) {
      return app.database.transaction(tx => finishTask(tx, task));
    }
  }
  await postponeTask(app.database, task, { delayMs: 0, error: "stopped" });
}

/** Returns how many questions it deleted. */
function deleteNext(app: Dependencies, creatorId: bigint): Promise<number> {
  return app.database.transaction(async tx => {
    const questionIds = await deleteSomeOf(tx, creatorId, questionsAtOnce);
    for (const questionId of questionIds) {
      await publishChange(app, tx, questionId);
    }
    return questionIds.length;
  });
}

type Dependencies = Pick<App, "database" | "instance" | "log" | "config" | "outbox" | "search">;
