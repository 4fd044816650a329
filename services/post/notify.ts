import { NotificationMailsRequestedSchema } from "#gen/questioncloud/post/v1/events_pb.ts";
import { NotificationKind } from "#gen/questioncloud/post/v1/notification_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import type { App } from "./app.ts";
import { insertNotifications, type Subject } from "./db/notifications.ts";
import { findSilenced, takeMailTurns } from "./db/preferences.ts";

/** Tells users of something, as each of them prefers, in the transaction in which it happens. */
export async function notify(
  { outbox, config }: Pick<App, "outbox" | "config">,
  tx: Tx,
  subject: Subject,
  userIds: readonly bigint[],
): Promise<void> {
  if (userIds.length === 0) {
    return;
  }
  const { kind } = subject;
  // Always in the same order, so that two of them cannot deadlock.
  const sorted = [...new Set(userIds)].sort((a, b) => (a < b ? -1 : 1));
  const silenced = await findSilenced(tx, kind, sorted);
  await insertNotifications(
    tx,
    subject,
    sorted.filter(userId => !silenced.has(userId)),
  );
  const mailed = await takeMailTurns(tx, kind, sorted, config.notifications.mailIntervalMs);
  if (mailed.length > 0) {
    await outbox.append(tx, NotificationMailsRequestedSchema, {
      userIds: mailed,
      kind: NotificationKind[kind],
    });
  }
}
