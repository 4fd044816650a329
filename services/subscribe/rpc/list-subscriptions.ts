import type { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findCreators } from "../creators.ts";
import { listSubscriptions as readSubscriptions } from "../db/subscriptions.ts";
import { toSubscription } from "../to-proto.ts";

export function listSubscriptions(
  app: Dependencies,
): Handler<typeof SubscriptionService.method.listSubscriptions> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const { rows, nextPageToken } = await app.pageTokens.readPage(["subscriptions", userId], request, page =>
      readSubscriptions(app.database, userId, page),
    );
    const ids = rows.map(({ creatorId }) => creatorId);
    const creators = await findCreators(app, ids, context);
    return {
      subscriptions: rows.map(row => toSubscription(row, creators.get(row.creatorId))),
      nextPageToken,
    };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens" | "creatorDirectory">;
