import type { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import { methodName } from "#kit/contract/policy.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { countOpen } from "../db/charges.ts";
import { findBalance } from "../db/wallets.ts";
import { totalOf } from "../domain/ledger.ts";
import { walletNotEmpty } from "../failures.ts";

export function createWithdrawalClearance({
  database,
  signServiceToken,
}: Dependencies): Handler<typeof PointService.method.createWithdrawalClearance> {
  return async (_request, context) => {
    const userId = userIdOf(context);
    // In this order: a charge that is paid in between is still counted as points.
    const charges = await countOpen(database, userId);
    const points = totalOf(await findBalance(database, userId));
    if (charges > 0 || points > 0n) {
      throw walletNotEmpty(points, charges);
    }
    return { clearance: await signServiceToken(methodName(AccountService.method.withdraw), userId) };
  };
}

type Dependencies = Pick<App, "database" | "signServiceToken">;
