import { userIdOf, type WorkContext } from "#kit/contract/context.ts";
import type { Tx } from "#kit/data/database.ts";

/**
 * Records the action of an administrator, or of an operator by a command, in the transaction of that action. `detail`
 * must hold no personal data.
 */
export async function writeAudit(
  tx: Tx,
  by: WorkContext | "command",
  entry: { action: string; subject: string; detail: Readonly<Record<string, string>> },
): Promise<void> {
  await tx.execute("INSERT INTO audit_log (admin_user_id, action, subject, detail) VALUES (?, ?, ?, ?)", [
    by === "command" ? null : userIdOf(by),
    entry.action,
    entry.subject,
    JSON.stringify(entry.detail),
  ]);
}
