import type { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import { countSubscribers } from "../db/subscribers.ts";

export const subscriptionChanged: BatchHandler<typeof SubscriptionChangedSchema> = {
  handleAll: async (tx, subscriptions) => void (await countSubscribers(tx, subscriptions)),
};
