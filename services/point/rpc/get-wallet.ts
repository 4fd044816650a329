import type { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findBalance } from "../db/wallets.ts";
import { toWallet } from "../to-proto.ts";

export function getWallet({ database }: Dependencies): Handler<typeof PointService.method.getWallet> {
  return async (_request, context) => ({ wallet: toWallet(await findBalance(database, userIdOf(context))) });
}

type Dependencies = Pick<App, "database">;
