import type { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { chargeNotFound } from "../failures.ts";
import { findOwnCharge } from "../store/charges.ts";

export function getCharge({ database }: Dependencies): Handler<typeof PointService.method.getCharge> {
  return async ({ chargeId }, context) => {
    const found = await findOwnCharge(database, userIdOf(context), chargeId);
    if (found === undefined) {
      throw chargeNotFound();
    }
    return { charge: found.charge };
  };
}

type Dependencies = Pick<Floor, "database">;
