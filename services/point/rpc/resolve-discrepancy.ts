import type { PointAdminService } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findDiscrepancy, resolveDiscrepancy as resolveNow } from "../db/discrepancies.ts";
import { discrepancyNotFound } from "../failures.ts";
import { toDiscrepancy } from "../to-proto.ts";

export function resolveDiscrepancy({
  database,
}: Dependencies): Handler<typeof PointAdminService.method.resolveDiscrepancy> {
  return ({ discrepancyId, note }, context) =>
    database.transaction(async tx => {
      if (await resolveNow(tx, discrepancyId, note)) {
        const subject = discrepancyId.toString();
        await writeAudit(tx, context, { action: "point.resolve-discrepancy", subject, detail: { note } });
      }
      const discrepancy = await findDiscrepancy(tx, discrepancyId);
      if (discrepancy === undefined) {
        throw discrepancyNotFound();
      }
      return { discrepancy: toDiscrepancy(discrepancy) };
    });
}

type Dependencies = Pick<App, "database">;
