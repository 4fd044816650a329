import type { PaymentService, QuotePurchaseRequest } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { quoteBasket } from "../quote.ts";
import { toQuote } from "../to-proto.ts";

export function quotePurchase({
  clients,
}: Dependencies): Handler<typeof PaymentService.method.quotePurchase> {
  return async ({ basket }: QuotePurchaseRequest, context) =>
    basket === undefined ? {} : { quote: toQuote(await quoteBasket(clients, basket, context)) };
}

type Dependencies = Pick<App, "clients">;
