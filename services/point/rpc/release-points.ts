import type { WalletService } from "#gen/questioncloud/point/v1/mesh_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import { releaseOnce } from "#kit/reservation.ts";
import type { Handler } from "#kit/route.ts";
import { releaseHeldPoints } from "../held-points.ts";

export function releasePoints({
  database,
}: Dependencies): Handler<typeof WalletService.method.releasePoints> {
  return async ({ purchaseId }, context) => {
    const reservation = { id: purchaseId, userId: userIdOf(context) };
    await database.transaction(tx => releaseOnce(tx, reservation, held => releaseHeldPoints(tx, held)));
    return {};
  };
}

type Dependencies = Pick<Floor, "database">;
