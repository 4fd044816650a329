import type { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import { storeState } from "#kit/data/stored-state.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { addSubscribers } from "../db/creators.ts";

export const subscriptionChanged: EventHandler<typeof SubscriptionChangedSchema> = async (
  tx,
  { creatorId, userId, subscribed, version },
) => {
  const key = { creatorId, userId };
  const stored = await storeState(tx, { table: "subscriber", key, version, state: { subscribed } });
  if (stored !== "outdated" && subscribed !== (stored.previous?.subscribed ?? false)) {
    await addSubscribers(tx, creatorId, subscribed ? 1 : -1);
  }
};
