import { taskJob } from "#kit/data/task-job.ts";
import { dropTask } from "#kit/data/tasks.ts";
import type { Job } from "#kit/process/loop.ts";
import type { App } from "../app.ts";
import { workOnPurchase } from "../complete-purchase.ts";
import { findPurchase, purchaseTask } from "../db/purchases.ts";

const parallel = 20;

/** Completes purchases that their own call did not complete. */
export function resolvePurchases(app: App): Job {
  const { resolve, purchase } = app.config;
  const options = {
    name: "resolve-purchases",
    kind: purchaseTask,
    parallel,
    pollMs: resolve.pollMs,
    claimMs: purchase.claimMs,
    wakeup: app.resolverWakeup,
  };
  return taskJob(app, options, async (task, signal) => {
    const found = await findPurchase(app.database, task.id);
    if (found?.state === "PENDING") {
      await workOnPurchase(app, found, { task, signal });
    } else {
      await dropTask(app.database, purchaseTask, task.id);
    }
  });
}
