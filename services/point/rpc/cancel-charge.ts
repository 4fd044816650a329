import type { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import { requestRecheck } from "#kit/data/tasks.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { markCancelled } from "../db/charge-moves.ts";
import { chargeTask, findCharge } from "../db/charges.ts";
import { chargeNotFound, chargeNotOpen } from "../failures.ts";
import { toCharge } from "../to-proto.ts";

export function cancelCharge({
  database,
  reconcileWakeup,
}: Dependencies): Handler<typeof PointService.method.cancelCharge> {
  return ({ chargeId }, context) =>
    database.transaction(async tx => {
      if ((await findCharge(tx, chargeId))?.userId !== userIdOf(context)) {
        throw chargeNotFound();
      }
      if (await markCancelled(tx, chargeId)) {
        // The PSP is asked once more, so that a payment that was taken is not lost.
        await requestRecheck(tx, chargeTask, chargeId);
        tx.afterCommit(() => reconcileWakeup.wake());
      }
      const charge = await findCharge(tx, chargeId);
      if (charge?.state !== "CANCELLED") {
        throw charge === undefined ? chargeNotFound() : chargeNotOpen(charge.state);
      }
      return { charge: toCharge(charge) };
    });
}

type Dependencies = Pick<App, "database" | "reconcileWakeup">;
