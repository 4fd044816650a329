import type { PointAdminService } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listDiscrepancies as readDiscrepancies } from "../db/discrepancies.ts";
import { toDiscrepancy } from "../to-proto.ts";

export function listDiscrepancies({
  database,
  pageTokens,
}: Dependencies): Handler<typeof PointAdminService.method.listDiscrepancies> {
  return async request => {
    const list = ["discrepancies", request.includeResolved];
    const { rows, nextPageToken } = await pageTokens.readPage(list, request, page =>
      readDiscrepancies(database, request, page),
    );
    return { discrepancies: rows.map(toDiscrepancy), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
