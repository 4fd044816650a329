import type { Floor } from "#kit/floor.ts";
import { createLeases } from "#kit/lease.ts";
import type { UserConfig } from "../config.ts";
import { removeExpiredActivationTokens } from "../store/activation-tokens.ts";
import { removeOldMails } from "../store/mails.ts";
import { removeExpiredSessions } from "../store/sessions.ts";

const rowsAtOnce = 1000;
const leaseMs = 30_000;

/** Removes sessions, activation tokens and mails that nobody can use any more. Returns true where there is more to remove. */
export function createCleanUp({ database, redis, userConfig }: Dependencies): () => Promise<boolean> {
  const runWithLease = createLeases(redis);
  const cleanUp = async () => {
    const removed = [
      await removeExpiredSessions(database, rowsAtOnce),
      await removeExpiredActivationTokens(database, rowsAtOnce),
      await removeOldMails(database, userConfig.USER_MAIL_KEEP_DAYS, rowsAtOnce),
    ];
    return removed.includes(rowsAtOnce);
  };
  return async () => (await runWithLease("user-clean-up", leaseMs, cleanUp)) ?? false;
}

type Dependencies = Pick<Floor, "database" | "redis"> & {
  readonly userConfig: Pick<UserConfig, "USER_MAIL_KEEP_DAYS">;
};
