import type { App } from "../app.ts";
import { removeOldRequests } from "../db/account-requests.ts";
import { removeOldMails } from "../db/mails.ts";
import { removeExpiredRegistrations } from "../db/registrations.ts";
import { removeExpiredSessions } from "../db/sessions.ts";
import { removeExpiredSocialLogins } from "../db/social-logins.ts";

const maxRows = 1000;
const leaseMs = 30_000;

/** Removes what has expired, and old mails. Returns true where more is left to remove. */
export function removeExpired({ database, runWithLease, config }: Dependencies): () => Promise<boolean> {
  const removeAll = async () => {
    const removed = [
      await removeExpiredSessions(database, maxRows),
      await removeExpiredRegistrations(database, maxRows),
      await removeOldRequests(database, maxRows),
      await removeExpiredSocialLogins(database, maxRows),
      await removeOldMails(database, config.mail.keepDays, maxRows),
    ];
    return removed.includes(maxRows);
  };
  return async () => (await runWithLease("user-remove-expired", leaseMs, removeAll)) ?? false;
}

type Dependencies = Pick<App, "database" | "runWithLease" | "config">;
