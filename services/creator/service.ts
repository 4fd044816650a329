import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { ReviewChangedSchema } from "#gen/questioncloud/review/v1/events_pb.ts";
import { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { implement } from "#kit/rpc/implement.ts";
import { type RunningService, startService } from "#kit/service/start-service.ts";
import { type App, createApp } from "./app.ts";
import type { CreatorConfig } from "./config.ts";
import { getCreator } from "./rpc/get-creator.ts";
import { getCreatorOfUser } from "./rpc/get-creator-of-user.ts";
import { getCreators } from "./rpc/get-creators.ts";
import { getOwnCreator } from "./rpc/get-own-creator.ts";
import { registerCreator } from "./rpc/register-creator.ts";
import { updateOwnCreator } from "./rpc/update-own-creator.ts";
import { questionsPurchased } from "./subscribers/questions-purchased.ts";
import { reviewChanged } from "./subscribers/review-changed.ts";
import { subscriptionChanged } from "./subscribers/subscription-changed.ts";
import { userWithdrawn } from "./subscribers/user-withdrawn.ts";

export { config } from "./config.ts";

/** Starts the creator service. */
export async function start(config: CreatorConfig, overrides?: Partial<App>): Promise<RunningService> {
  const app = await createApp(config, overrides);
  return startService(app, {
    rpcs: [
      implement(CreatorService, {
        registerCreator: registerCreator(app),
        getOwnCreator: getOwnCreator(app),
        updateOwnCreator: updateOwnCreator(app),
        getCreator: getCreator(app),
      }),
      implement(CreatorDirectoryService, {
        getCreatorOfUser: getCreatorOfUser(app),
        getCreators: getCreators(app),
      }),
    ],
    subscriptions: [
      subscribe(QuestionsPurchasedSchema, questionsPurchased),
      subscribe(UserWithdrawnSchema, userWithdrawn(app)),
      subscribe(SubscriptionChangedSchema, subscriptionChanged),
      subscribe(ReviewChangedSchema, reviewChanged),
    ],
  });
}
