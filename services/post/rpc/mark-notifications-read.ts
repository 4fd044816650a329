import type { NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { countUnread, markRead, markReadThrough } from "../db/notifications.ts";
import { maxUnreadCount } from "../domain/notification.ts";

const rowsAtOnce = 1000;

export function markNotificationsRead({
  database,
}: Dependencies): Handler<typeof NotificationService.method.markNotificationsRead> {
  return async ({ notificationIds, throughNotificationId }, context) => {
    const userId = userIdOf(context);
    if (notificationIds.length > 0) {
      await database.transaction(tx => markRead(tx, userId, notificationIds));
    }
    if (throughNotificationId > 0n) {
      // In short statements; a call that is given up has marked some, and is repeated.
      const markSome = () =>
        database.transaction(tx => markReadThrough(tx, userId, throughNotificationId, rowsAtOnce));
      while (!context.signal.aborted && (await markSome()) === rowsAtOnce) {}
    }
    return { unreadCount: await countUnread(database, userId, maxUnreadCount) };
  };
}

type Dependencies = Pick<App, "database">;
