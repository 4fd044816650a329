import type { PaymentService } from "#gen/questioncloud/pay/v1/pay_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Handler } from "#kit/route.ts";
import type { App } from "../app.ts";
import { purchaseNotFound } from "../failures.ts";
import { findPurchase, findPurchaseByRequest } from "../store/purchases.ts";
import { toPurchase } from "../to-purchase.ts";

export function getPurchase({ database }: Dependencies): Handler<typeof PaymentService.method.getPurchase> {
  return async ({ by }, context) => {
    const userId = userIdOf(context);
    const found =
      by.case === "requestId"
        ? await findPurchaseByRequest(database, userId, by.value)
        : await findPurchase(database, by.value ?? "");
    if (found === undefined || found.userId !== userId) {
      throw purchaseNotFound();
    }
    return { purchase: toPurchase(found) };
  };
}

type Dependencies = Pick<App, "database">;
