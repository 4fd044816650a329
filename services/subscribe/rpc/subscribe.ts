import { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import type { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { requireCreator } from "../creators.ts";
import { countSubscriptions, findSubscription, startSubscription } from "../db/subscriptions.ts";
import { alreadySubscribed, creatorNotFound, ownCreator, tooManySubscriptions } from "../failures.ts";
import { toChange, toSubscription } from "../to-proto.ts";

// Calls at the same time may exceed it by a few.
const maxSubscriptions = 300;

export function subscribe(app: Dependencies): Handler<typeof SubscriptionService.method.subscribe> {
  return async ({ creatorId }, context) => {
    const pair = { userId: userIdOf(context), creatorId };
    const creator = await requireCreator(app, creatorId, context);
    if (creator.summary?.userId === pair.userId) {
      throw ownCreator();
    }
    const subscription = await app.database.transaction(async tx => {
      if (!(await startSubscription(tx, pair))) {
        throw alreadySubscribed();
      }
      if ((await countSubscriptions(tx, pair.userId)) > maxSubscriptions) {
        throw tooManySubscriptions(maxSubscriptions);
      }
      const started = await findSubscription(tx, pair);
      if (started === undefined) {
        throw creatorNotFound();
      }
      await app.outbox.append(tx, SubscriptionChangedSchema, toChange(started));
      return started;
    });
    return { subscription: toSubscription(subscription, creator) };
  };
}

type Dependencies = Pick<App, "database" | "outbox" | "creatorDirectory">;
