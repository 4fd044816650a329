import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { implement } from "#kit/rpc/implement.ts";
import { type RunningService, startService } from "#kit/service/start-service.ts";
import { type App, createApp } from "./app.ts";
import type { SubscribeConfig } from "./config.ts";
import { getSubscription } from "./rpc/get-subscription.ts";
import { listSubscriptions } from "./rpc/list-subscriptions.ts";
import { subscribe } from "./rpc/subscribe.ts";
import { unsubscribe } from "./rpc/unsubscribe.ts";

export { config } from "./config.ts";

/** Starts the subscribe service. */
export async function start(config: SubscribeConfig, overrides?: Partial<App>): Promise<RunningService> {
  const app = await createApp(config, overrides);
  return startService(app, {
    rpcs: [
      implement(SubscriptionService, {
        subscribe: subscribe(app),
        unsubscribe: unsubscribe(app),
        getSubscription: getSubscription(app),
        listSubscriptions: listSubscriptions(app),
      }),
    ],
  });
}
