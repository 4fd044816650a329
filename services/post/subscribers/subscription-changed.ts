import type { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import { storeStates } from "#kit/data/stored-state.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";

export const subscriptionChanged: BatchHandler<typeof SubscriptionChangedSchema> = {
  async handleAll(tx, subscriptions) {
    const carried = subscriptions.map(({ creatorId, userId, subscribed, version }) => ({
      key: { creatorId, userId },
      version,
      state: { subscribed },
    }));
    await storeStates(tx, "subscriber", carried);
  },
};
