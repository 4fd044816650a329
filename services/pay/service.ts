import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { subscribeStore } from "#kit/events/consumer.ts";
import { job } from "#kit/process/loop.ts";
import { implement } from "#kit/rpc/implement.ts";
import { type RunningService, startService } from "#kit/service/start-service.ts";
import { type App, createApp } from "./app.ts";
import type { PayConfig } from "./config.ts";
import { measurePurchases } from "./jobs/measure-purchases.ts";
import { resolvePurchases } from "./jobs/resolve-purchases.ts";
import { getPurchase } from "./rpc/get-purchase.ts";
import { listPurchases } from "./rpc/list-purchases.ts";
import { purchaseQuestions } from "./rpc/purchase-questions.ts";
import { quotePurchase } from "./rpc/quote-purchase.ts";
import { questionsPurchased } from "./subscribers/questions-purchased.ts";

export { config } from "./config.ts";

const measureIntervalMs = 10_000;

/** Starts the pay service. */
export async function start(config: PayConfig, overrides?: Partial<App>): Promise<RunningService> {
  const app = await createApp(config, overrides);
  return startService(app, {
    rpcs: [
      implement(PaymentService, {
        quotePurchase: quotePurchase(app),
        purchaseQuestions: purchaseQuestions(app),
        getPurchase: getPurchase(app),
        listPurchases: listPurchases(app),
      }),
    ],
    subscriptions: [
      subscribeStore(QuestionsPurchasedSchema, questionsPurchased(app), app.history.requireReady),
    ],
    jobs: [resolvePurchases(app), job("measure-purchases", measureIntervalMs, measurePurchases(app))],
  });
}
