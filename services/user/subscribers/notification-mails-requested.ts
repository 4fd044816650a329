import type { NotificationMailsRequestedSchema } from "#gen/questioncloud/post/v1/events_pb.ts";
import { NotificationKind } from "#gen/questioncloud/post/v1/notification_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import type { App } from "../app.ts";
import type { NotificationMail } from "../domain/mail.ts";

const kinds: ReadonlyMap<NotificationKind, NotificationMail["kind"]> = new Map([
  [NotificationKind.NEW_POST, "NEW_POST"],
  [NotificationKind.NEW_COMMENT, "NEW_COMMENT"],
  [NotificationKind.NEW_QUESTION, "NEW_QUESTION"],
]);

export function notificationMailsRequested({
  mails,
}: Dependencies): EventHandler<typeof NotificationMailsRequestedSchema> {
  return async (tx, { userIds, kind }) => {
    const known = kinds.get(kind);
    if (known === undefined) {
      // A kind of a later version, for which this one has no text.
      return;
    }
    const data = { kind: known };
    await mails.add(tx, ...userIds.map(userId => ({ template: "NOTIFICATION" as const, userId, data })));
  };
}

type Dependencies = Pick<App, "mails">;
