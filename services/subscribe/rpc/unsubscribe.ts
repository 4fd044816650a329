import { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import type { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { endSubscription, findSubscription } from "../db/subscriptions.ts";
import { notSubscribed } from "../failures.ts";
import { toChange } from "../to-proto.ts";

export function unsubscribe({
  database,
  outbox,
}: Dependencies): Handler<typeof SubscriptionService.method.unsubscribe> {
  return ({ creatorId }, context) =>
    database.transaction(async tx => {
      const pair = { userId: userIdOf(context), creatorId };
      const ended = (await endSubscription(tx, pair)) ? await findSubscription(tx, pair) : undefined;
      if (ended === undefined) {
        throw notSubscribed();
      }
      await outbox.append(tx, SubscriptionChangedSchema, toChange(ended));
      return {};
    });
}

type Dependencies = Pick<App, "database" | "outbox">;
