import type { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findCharge } from "../db/charges.ts";
import { chargeNotFound } from "../failures.ts";
import { toCharge } from "../to-proto.ts";

export function getCharge({ database }: Dependencies): Handler<typeof PointService.method.getCharge> {
  return async ({ chargeId }, context) => {
    const charge = await findCharge(database, chargeId);
    if (charge?.userId !== userIdOf(context)) {
      throw chargeNotFound();
    }
    return { charge: toCharge(charge) };
  };
}

type Dependencies = Pick<App, "database">;
