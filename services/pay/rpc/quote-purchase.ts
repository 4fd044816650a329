import type { PaymentService, QuotePurchaseRequest } from "#gen/questioncloud/pay/v1/pay_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { App } from "../app.ts";
import { quoteBasket } from "../quote.ts";

export function quotePurchase({
  neighbours,
}: Dependencies): Handler<typeof PaymentService.method.quotePurchase> {
  return async ({ basket }: QuotePurchaseRequest, context) =>
    basket === undefined ? {} : { quote: await quoteBasket(neighbours, basket, context) };
}

type Dependencies = Pick<App, "neighbours">;
