import type { WalletService } from "#gen/questioncloud/point/v1/mesh_pb.ts";
import type { Floor } from "#kit/floor.ts";
import { confirmOnce } from "#kit/reservation.ts";
import type { Handler } from "#kit/route.ts";
import { spendHeldPoints } from "../held-points.ts";

export function confirmPoints({
  database,
}: Dependencies): Handler<typeof WalletService.method.confirmPoints> {
  return async ({ purchaseId }) => {
    await database.transaction(tx =>
      confirmOnce(tx, purchaseId, reservation => spendHeldPoints(tx, reservation)),
    );
    return {};
  };
}

type Dependencies = Pick<Floor, "database">;
