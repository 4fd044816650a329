import { QuestionChangedSchema } from "#gen/questioncloud/question/v1/events_pb.ts";
import { FeedService } from "#gen/questioncloud/subscribe/v1/feed_pb.ts";
import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { implement } from "#kit/rpc/implement.ts";
import { type RunningService, startService } from "#kit/service/start-service.ts";
import { type App, createApp } from "./app.ts";
import type { SubscribeConfig } from "./config.ts";
import { getSubscription } from "./rpc/get-subscription.ts";
import { listFeed } from "./rpc/list-feed.ts";
import { listSubscriptions } from "./rpc/list-subscriptions.ts";
import { subscribe as subscribeToCreator } from "./rpc/subscribe.ts";
import { unsubscribe } from "./rpc/unsubscribe.ts";
import { questionChanged } from "./subscribers/question-changed.ts";
import { userWithdrawn } from "./subscribers/user-withdrawn.ts";

export { config } from "./config.ts";

/** Starts the subscribe service. */
export async function start(config: SubscribeConfig, overrides?: Partial<App>): Promise<RunningService> {
  const app = await createApp(config, overrides);
  return startService(app, {
    rpcs: [
      implement(SubscriptionService, {
        subscribe: subscribeToCreator(app),
        unsubscribe: unsubscribe(app),
        getSubscription: getSubscription(app),
        listSubscriptions: listSubscriptions(app),
      }),
      implement(FeedService, { listFeed: listFeed(app) }),
    ],
    subscriptions: [
      subscribe(QuestionChangedSchema, questionChanged),
      subscribe(UserWithdrawnSchema, userWithdrawn(app)),
    ],
  });
}
