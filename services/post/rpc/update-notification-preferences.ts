import type { NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findPreferences, storePreference } from "../db/preferences.ts";
import { fromPreference, toPreferences } from "../to-proto.ts";

export function updateNotificationPreferences({
  database,
}: Dependencies): Handler<typeof NotificationService.method.updateNotificationPreferences> {
  return (request, context) =>
    database.transaction(async tx => {
      const userId = userIdOf(context);
      for (const preference of request.preferences) {
        await storePreference(tx, { userId, ...fromPreference(preference) });
      }
      return { preferences: toPreferences(await findPreferences(tx, userId)) };
    });
}

type Dependencies = Pick<App, "database">;
