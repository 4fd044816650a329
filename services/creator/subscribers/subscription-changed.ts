import type { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { countSubscriber } from "../db/subscribers.ts";

export const subscriptionChanged: EventHandler<typeof SubscriptionChangedSchema> = async (
  tx,
  subscription,
) => {
  await countSubscriber(tx, subscription);
};
