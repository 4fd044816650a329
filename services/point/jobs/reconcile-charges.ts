import { claimTasks } from "#kit/data/tasks.ts";
import type { App } from "../app.ts";
import { chargeTask } from "../db/charges.ts";
import { startReconciliation } from "../reconcile-charge.ts";

/**
 * Starts to reconcile the charges that are due, oldest first: unfinished confirmations, orders that expire, and
 * rechecks. Does not wait for them, so that one slow answer of the PSP does not delay the others. Returns true where
 * there may be more.
 */
export function reconcileCharges(app: App): () => Promise<boolean> {
  const { parallel, claimMs } = app.config.reconcile;
  let running = 0;
  return async () => {
    const free = parallel - running;
    if (free <= 0) {
      return false;
    }
    const tasks = await claimTasks(app.database, chargeTask, free, { instance: app.instance, claimMs });
    for (const task of tasks) {
      running += 1;
      void startReconciliation(app, task).finally(() => {
        running -= 1;
      });
    }
    return tasks.length === free;
  };
}
