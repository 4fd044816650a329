import { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { implement } from "#kit/rpc/implement.ts";
import { type RunningService, startService } from "#kit/service/start-service.ts";
import { type App, createApp } from "./app.ts";
import type { CartConfig } from "./config.ts";
import { addToCart } from "./rpc/add-to-cart.ts";
import { getCart } from "./rpc/get-cart.ts";
import { mergeCart } from "./rpc/merge-cart.ts";
import { removeFromCart } from "./rpc/remove-from-cart.ts";
import { questionsPurchased } from "./subscribers/questions-purchased.ts";
import { userWithdrawn } from "./subscribers/user-withdrawn.ts";

export { config } from "./config.ts";

/** Starts the cart service. */
export async function start(config: CartConfig, overrides?: Partial<App>): Promise<RunningService> {
  const app = await createApp(config, overrides);
  return startService(app, {
    rpcs: [
      implement(CartService, {
        getCart: getCart(app),
        addToCart: addToCart(app),
        mergeCart: mergeCart(app),
        removeFromCart: removeFromCart(app),
      }),
    ],
    subscriptions: [
      subscribe(QuestionsPurchasedSchema, questionsPurchased),
      subscribe(UserWithdrawnSchema, userWithdrawn),
    ],
  });
}
