import type { PointAdminService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { writeAudit } from "#kit/audit.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { discrepancyNotFound } from "../failures.ts";
import { findDiscrepancy, resolveDiscrepancy as resolveNow } from "../store/discrepancies.ts";

export function resolveDiscrepancy({
  database,
}: Dependencies): Handler<typeof PointAdminService.method.resolveDiscrepancy> {
  return ({ discrepancyId, note }, context) =>
    database.transaction(async tx => {
      if (await resolveNow(tx, discrepancyId, note)) {
        await writeAudit(tx, context, {
          action: "point.resolve-discrepancy",
          subject: discrepancyId.toString(),
          detail: { note },
        });
      }
      const discrepancy = await findDiscrepancy(tx, discrepancyId);
      if (discrepancy === undefined) {
        throw discrepancyNotFound();
      }
      return { discrepancy };
    });
}

type Dependencies = Pick<Floor, "database">;
