import { normalizeEmail } from "#kit/contract/email.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Database } from "#kit/data/database.ts";
import { grantAdminRole, lockUserByEmail } from "./db/users.ts";

export type GrantOutcome = "granted" | "already an administrator" | "unknown" | "not active";

/** Makes a user an administrator, for the command that creates the first one. */
export function grantAdmin(database: Database, email: string): Promise<GrantOutcome> {
  return database.transaction(async tx => {
    const user = await lockUserByEmail(tx, normalizeEmail(email));
    if (user === undefined) {
      return "unknown";
    }
    const { userId } = user;
    if (user.role === "ADMIN") {
      return "already an administrator";
    }
    if (!(await grantAdminRole(tx, userId))) {
      return "not active";
    }
    await writeAudit(tx, "command", { action: "user.grant-admin", subject: userId.toString(), detail: {} });
    return "granted";
  });
}
