import { violatedKey } from "#kit/data/database.ts";
import { claimTask, startTask, type Task } from "#kit/data/tasks.ts";
import type { App } from "./app.ts";
import { chargeTask } from "./db/charges.ts";

/**
 * Claims a charge even if its task is not due or does not exist. Returns undefined where another worker has claimed
 * it.
 */
export async function claimCharge(
  { database, instance, config }: App,
  chargeId: string,
): Promise<Task | undefined> {
  const options = { instance, claimMs: config.reconcile.claimMs };
  const claimed = await claimTask(database, chargeTask, chargeId, options);
  if (claimed !== undefined) {
    return claimed;
  }
  return database
    .transaction(tx => startTask(tx, chargeTask, chargeId, options))
    .catch((error: unknown) => {
      if (violatedKey(error) === "PRIMARY") {
        return undefined;
      }
      throw error;
    });
}
