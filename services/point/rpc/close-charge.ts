import type { PointAdminService } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import { writeAudit } from "#kit/data/audit.ts";
import { dropTask } from "#kit/data/tasks.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { markClosed } from "../db/charge-moves.ts";
import { chargeTask, findCharge } from "../db/charges.ts";
import { chargeNotFound, chargeNotOpen } from "../failures.ts";
import { toCharge } from "../to-proto.ts";

export function closeCharge({
  database,
}: Dependencies): Handler<typeof PointAdminService.method.closeCharge> {
  return ({ chargeId, reason }, context) =>
    database.transaction(async tx => {
      if (await markClosed(tx, chargeId)) {
        await dropTask(tx, chargeTask, chargeId);
        await writeAudit(tx, context, {
          action: "point.close-charge",
          subject: chargeId,
          detail: { reason },
        });
      }
      const charge = await findCharge(tx, chargeId);
      if (charge?.state !== "CLOSED") {
        throw charge === undefined ? chargeNotFound() : chargeNotOpen(charge.state);
      }
      return { charge: toCharge(charge) };
    });
}

type Dependencies = Pick<App, "database">;
