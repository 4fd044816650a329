import type { Queryable, Tx } from "#kit/data/database.ts";
import type { NotificationKind, Preference } from "../domain/notification.ts";

/** What a user has changed of the preferences for one kind. */
interface PreferenceRow extends Preference {
  readonly userId: bigint;
  readonly kind: NotificationKind;
}

export function findPreferences(from: Queryable, userId: bigint): Promise<PreferenceRow[]> {
  return from.query("SELECT user_id, kind, in_app, mail FROM notification_preference WHERE user_id = ?", [
    userId,
  ]);
}

/** Replaces the preferences of a user for one kind. */
export async function storePreference(tx: Tx, { userId, kind, inApp, mail }: PreferenceRow): Promise<void> {
  await tx.execute(
    `INSERT INTO notification_preference (user_id, kind, in_app, mail) VALUES (?, ?, ?, ?)
      ON DUPLICATE KEY UPDATE in_app = VALUES(in_app), mail = VALUES(mail)`,
    [userId, kind, inApp, mail],
  );
}

/** Reads those of the users who do not want to see a kind in their lists. */
export async function findSilenced(
  from: Queryable,
  kind: NotificationKind,
  userIds: readonly bigint[],
): Promise<ReadonlySet<bigint>> {
  const rows = await from.query<{ userId: bigint }>(
    "SELECT user_id FROM notification_preference WHERE user_id IN (?) AND kind = ? AND NOT in_app",
    [userIds, kind],
  );
  return new Set(rows.map(({ userId }) => userId));
}

/**
 * Returns those of the users who want a mail about a kind and whose last one was requested longer than `intervalMs`
 * ago, and notes that it is requested now.
 */
export async function takeMailTurns(
  tx: Tx,
  kind: NotificationKind,
  userIds: readonly bigint[],
  intervalMs: number,
): Promise<bigint[]> {
  const rows = await tx.query<{ userId: bigint }>(
    `SELECT user_id FROM notification_preference
      WHERE user_id IN (?) AND kind = ? AND mail
        AND (mail_time IS NULL OR mail_time <= NOW(6) - INTERVAL ? MICROSECOND)
      FOR UPDATE`,
    [userIds, kind, intervalMs * 1000],
  );
  const due = rows.map(({ userId }) => userId);
  if (due.length > 0) {
    await tx.execute(
      "UPDATE notification_preference SET mail_time = NOW(6) WHERE user_id IN (?) AND kind = ?",
      [due, kind],
    );
  }
  return due;
}
