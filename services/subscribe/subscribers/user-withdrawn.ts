import { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import type { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import type { App } from "../app.ts";
import { endSubscription, findSubscription, listCreatorIds } from "../db/subscriptions.ts";
import { toChange } from "../to-proto.ts";

export function userWithdrawn({ outbox }: Dependencies): EventHandler<typeof UserWithdrawnSchema> {
  return async (tx, { userId }) => {
    for (const creatorId of await listCreatorIds(tx, userId)) {
      const pair = { userId, creatorId };
      const ended = (await endSubscription(tx, pair)) ? await findSubscription(tx, pair) : undefined;
      if (ended !== undefined) {
        await outbox.append(tx, SubscriptionChangedSchema, toChange(ended));
      }
    }
  };
}

type Dependencies = Pick<App, "outbox">;
