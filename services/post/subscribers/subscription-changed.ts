import type { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import { storeState } from "#kit/data/stored-state.ts";
import type { EventHandler } from "#kit/events/consumer.ts";

export const subscriptionChanged: EventHandler<typeof SubscriptionChangedSchema> = async (
  tx,
  { creatorId, userId, subscribed, version },
) => {
  await storeState(tx, { table: "subscriber", key: { creatorId, userId }, version, state: { subscribed } });
};
