import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/pay_pb.ts";
import { hear } from "#kit/consumer.ts";
import { route } from "#kit/route.ts";
import type { App } from "./app.ts";
import { questionsPurchased } from "./consumers/questions-purchased.ts";
import { getPurchase } from "./rpc/get-purchase.ts";
import { listPurchases } from "./rpc/list-purchases.ts";
import { purchaseQuestions } from "./rpc/purchase-questions.ts";
import { quotePurchase } from "./rpc/quote-purchase.ts";

export const services = [PaymentService];

export const createRoutes = (app: App) => [
  route(PaymentService.method.quotePurchase, quotePurchase(app)),
  route(PaymentService.method.purchaseQuestions, purchaseQuestions(app)),
  route(PaymentService.method.getPurchase, getPurchase(app)),
  route(PaymentService.method.listPurchases, listPurchases(app)),
];

export const createHearings = (app: App) => [
  hear(QuestionsPurchasedSchema, questionsPurchased(app), app.history.requireReady),
];
