import type { App } from "../app.ts";
import { removeOldNotifications } from "../db/notifications.ts";

const maxRows = 1000;
const leaseMs = 30_000;

/** Removes old notifications. Returns true where more is left to remove. */
export function removeExpired({ database, runWithLease, config }: Dependencies): () => Promise<boolean> {
  const remove = async () =>
    (await removeOldNotifications(database, config.notifications.keepDays, maxRows)) === maxRows;
  return async () => (await runWithLease("post-remove-expired", leaseMs, remove)) ?? false;
}

type Dependencies = Pick<App, "database" | "runWithLease" | "config">;
