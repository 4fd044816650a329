import type { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listPaidPurchases } from "../db/purchases.ts";
import { toPaidPurchase, toPurchase } from "../to-proto.ts";

export function listPurchases(app: Dependencies): Handler<typeof PaymentService.method.listPurchases> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const { rows, nextPageToken } = await app.pageTokens.readPage(
      ["purchases", userId],
      request,
      async page => {
        const history = await app.history.list(userId, page);
        if (history !== undefined) {
          return { ...history, rows: history.rows.map(toPaidPurchase) };
        }
        const purchases = await listPaidPurchases(app.database, userId, page);
        return { ...purchases, rows: purchases.rows.map(toPurchase) };
      },
    );
    return { purchases: rows, nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "history" | "pageTokens">;
