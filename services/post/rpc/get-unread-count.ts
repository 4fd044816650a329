import type { NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { countUnread } from "../db/notifications.ts";
import { maxUnreadCount } from "../domain/notification.ts";

export function getUnreadCount({
  database,
}: Dependencies): Handler<typeof NotificationService.method.getUnreadCount> {
  return async (_request, context) => ({
    unreadCount: await countUnread(database, userIdOf(context), maxUnreadCount),
  });
}

type Dependencies = Pick<App, "database">;
