import type { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { requestRecheck } from "#kit/data/tasks.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { withdrawnUserTask } from "../db/notifications.ts";
import { storePreference } from "../db/preferences.ts";
import { eraseReportTexts } from "../db/reports.ts";
import { notificationKinds } from "../domain/notification.ts";

/** Posts and comments stay, under a user who has withdrawn; the user is told nothing any more. */
export const userWithdrawn: EventHandler<typeof UserWithdrawnSchema> = async (tx, { userId }) => {
  for (const kind of notificationKinds) {
    await storePreference(tx, { userId, kind, inApp: false, mail: false });
  }
  await requestRecheck(tx, withdrawnUserTask, userId.toString());
  await eraseReportTexts(tx, userId);
};
