import type { NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { readPublicUsers } from "#kit/rpc/public-users.ts";
import type { App } from "../app.ts";
import { listNotifications as readNotifications } from "../db/notifications.ts";
import { toNotification } from "../to-proto.ts";

export function listNotifications({
  database,
  pageTokens,
  userDirectory,
}: Dependencies): Handler<typeof NotificationService.method.listNotifications> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const { rows, nextPageToken } = await pageTokens.readPage(["notifications", userId], request, page =>
      readNotifications(database, userId, page),
    );
    const writerIds = rows.flatMap(({ writerId }) => writerId ?? []);
    const writers = await readPublicUsers(userDirectory, writerIds, context);
    return { notifications: rows.map(row => toNotification(row, writers)), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens" | "userDirectory">;
