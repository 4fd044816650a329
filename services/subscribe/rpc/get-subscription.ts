import type { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { requireCreator } from "../creators.ts";
import { findSubscription } from "../db/subscriptions.ts";
import { toSubscription } from "../to-proto.ts";

export function getSubscription(
  app: Dependencies,
): Handler<typeof SubscriptionService.method.getSubscription> {
  return async ({ creatorId }, context) => {
    const pair = { userId: userIdOf(context), creatorId };
    const [creator, found] = await Promise.all([
      requireCreator(app, creatorId, context),
      findSubscription(app.database, pair),
    ]);
    const { subscriberCount } = creator;
    return found?.state === "SUBSCRIBED"
      ? { subscriberCount, subscription: toSubscription(found, creator) }
      : { subscriberCount };
  };
}

type Dependencies = Pick<App, "database" | "creatorDirectory">;
