import { normalizeEmail } from "#kit/contract/email.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Database } from "#kit/data/database.ts";
import { endSessions } from "./db/sessions.ts";
import { grantAdminRole, lockUserByEmail, revokeAdminRole } from "./db/users.ts";

export type GrantOutcome = "granted" | "already an administrator" | "unknown" | "not active";
export type RevokeOutcome = "revoked" | "no administrator" | "unknown";

/** Makes a user an administrator, for the command that creates the first one. */
export function grantAdmin(database: Database, email: string): Promise<GrantOutcome> {
  return database.transaction(async tx => {
    const user = await lockUserByEmail(tx, normalizeEmail(email));
    if (user === undefined) {
      return "unknown";
    }
    if (user.role === "ADMIN") {
      return "already an administrator";
    }
    if (!(await grantAdminRole(tx, user.userId))) {
      return "not active";
    }
    await writeAudit(tx, "command", { action: "user.grant-admin", subject: `${user.userId}`, detail: {} });
    return "granted";
  });
}

/** Makes an administrator an ordinary user at once, and ends the sessions. */
export function revokeAdmin(database: Database, email: string): Promise<RevokeOutcome> {
  return database.transaction(async tx => {
    const user = await lockUserByEmail(tx, normalizeEmail(email));
    if (user === undefined) {
      return "unknown";
    }
    if (!(await revokeAdminRole(tx, user.userId))) {
      return "no administrator";
    }
    await endSessions(tx, user.userId);
    await writeAudit(tx, "command", { action: "user.revoke-admin", subject: `${user.userId}`, detail: {} });
    return "revoked";
  });
}
