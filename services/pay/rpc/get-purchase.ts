import type { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findPurchase, findPurchaseByRequest } from "../db/purchases.ts";
import { purchaseNotFound } from "../failures.ts";
import { toPurchase } from "../to-proto.ts";

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
