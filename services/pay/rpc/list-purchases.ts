import type { PaymentService } from "#gen/questioncloud/pay/v1/pay_pb.ts";
import { userIdOf } from "#kit/context.ts";
import { pageSizeOf, toPage } from "#kit/page-token.ts";
import type { Handler } from "#kit/route.ts";
import type { App } from "../app.ts";
import { listPaidPurchases } from "../store/purchases.ts";
import { toPurchase } from "../to-purchase.ts";

export function listPurchases(app: Dependencies): Handler<typeof PaymentService.method.listPurchases> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const list = ["purchases", userId];
    const pageSize = pageSizeOf(request.pageSize);
    const [beforeId] = app.pageTokens.decode(list, request.pageToken) ?? [];
    const purchases =
      (await app.history.list(userId, beforeId, pageSize + 1)) ??
      (await listPaidPurchases(app.database, userId, beforeId, pageSize + 1)).map(toPurchase);
    const page = toPage(purchases, pageSize, last => app.pageTokens.encode(list, [last.purchaseId ?? ""]));
    return { purchases: page.rows, nextPageToken: page.nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "history" | "pageTokens">;
