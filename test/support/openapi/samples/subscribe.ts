import { type SampleCalls, type SampleFacts, unknownId, user } from "../sample-call.ts";

/** Calls of the methods of subscribe. */
export default function subscribeCalls({ author }: SampleFacts): SampleCalls {
  const creatorId = String(author.creatorId);
  return {
    "subscribe.v1.FeedService/ListFeed": user({}),
    "subscribe.v1.SubscriptionService/Subscribe": user({ creatorId }, "OWN_CREATOR"),
    "subscribe.v1.SubscriptionService/Unsubscribe": user({ creatorId: unknownId }, "NOT_FOUND"),
    "subscribe.v1.SubscriptionService/GetSubscription": user({ creatorId }),
    "subscribe.v1.SubscriptionService/ListSubscriptions": user({}),
  };
}
