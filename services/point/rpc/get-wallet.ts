import type { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { findBalance } from "../store/wallets.ts";
import { toWallet } from "../wallet.ts";

export function getWallet({ database }: Dependencies): Handler<typeof PointService.method.getWallet> {
  return async (_request, context) => ({ wallet: toWallet(await findBalance(database, userIdOf(context))) });
}

type Dependencies = Pick<Floor, "database">;
