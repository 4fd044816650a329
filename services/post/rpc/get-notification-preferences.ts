import type { NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findPreferences } from "../db/preferences.ts";
import { toPreferences } from "../to-proto.ts";

export function getNotificationPreferences({
  database,
}: Dependencies): Handler<typeof NotificationService.method.getNotificationPreferences> {
  return async (_request, context) => ({
    preferences: toPreferences(await findPreferences(database, userIdOf(context))),
  });
}

type Dependencies = Pick<App, "database">;
