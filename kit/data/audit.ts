import { userIdOf, type WorkContext } from "#kit/contract/context.ts";
import type { Tx } from "#kit/data/database.ts";

/** Records the action of an administrator, in the transaction of that action. `detail` must hold no personal data. */
export async function writeAudit(
  tx: Tx,
  context: WorkContext,
  entry: { action: string; subject: string; detail: Readonly<Record<string, string>> },
): Promise<void> {
  await tx.execute("INSERT INTO audit_log (admin_user_id, action, subject, detail) VALUES (?, ?, ?, ?)", [
    userIdOf(context),
    entry.action,
    entry.subject,
    JSON.stringify(entry.detail),
  ]);
}
