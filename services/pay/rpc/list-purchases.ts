import { isDeepStrictEqual } from "node:util";
import type { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findPurchases, listPaidIds } from "../db/purchases.ts";
import { toPaidPurchase, toPurchase } from "../to-proto.ts";

/**
 * MongoDB answers where it has exactly the purchases that MariaDB's index names. A history that is empty, restored or
 * behind shows nothing wrong: MariaDB then answers alone.
 */
export function listPurchases(app: Dependencies): Handler<typeof PaymentService.method.listPurchases> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const { rows, nextPageToken } = await app.pageTokens.readPage(
      ["purchases", userId],
      request,
      async page => {
        const [paid, history] = await Promise.all([
          listPaidIds(app.database, userId, page),
          app.history.list(userId, page),
        ]);
        const idsInHistory = history?.map(({ purchaseId }) => purchaseId);
        const rows = isDeepStrictEqual(idsInHistory, paid.rows)
          ? history?.map(toPaidPurchase)
          : (await findPurchases(app.database, paid.rows)).map(toPurchase);
        return { rows: rows ?? [], nextAfter: paid.nextAfter };
      },
    );
    return { purchases: rows, nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "history" | "pageTokens">;
