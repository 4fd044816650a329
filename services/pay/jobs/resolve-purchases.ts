import { claimTasks, dropTask, type Task } from "#kit/data/tasks.ts";
import type { App } from "../app.ts";
import { workOnPurchase } from "../complete-purchase.ts";
import { findPurchase, purchaseTask } from "../db/purchases.ts";

const tasksAtOnce = 20;

/**
 * Completes purchases that their own call did not complete. Returns true where there may be more. Any number of
 * replicas may run it.
 */
export function resolvePurchases(app: App): (signal: AbortSignal) => Promise<boolean> {
  return async signal => {
    const tasks = await claimTasks(app.database, purchaseTask, tasksAtOnce, {
      instance: app.instance,
      claimMs: app.config.purchase.claimMs,
    });
    await Promise.all(tasks.map(task => resolve(app, task, signal)));
    return tasks.length === tasksAtOnce;
  };
}

async function resolve(app: App, task: Task, signal: AbortSignal): Promise<void> {
  const purchase = await findPurchase(app.database, task.id);
  if (purchase?.state === "PENDING") {
    await workOnPurchase(app, purchase, { task, signal });
  } else {
    await dropTask(app.database, purchaseTask, task.id);
  }
}
