import type { PointAdminService } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listOpenCharges as readOpenCharges } from "../db/charges.ts";
import { toOpenCharge } from "../to-proto.ts";

export function listOpenCharges({
  database,
  pageTokens,
}: Dependencies): Handler<typeof PointAdminService.method.listOpenCharges> {
  return async request => {
    const { rows, nextPageToken } = await pageTokens.readPage(["open-charges"], request, page =>
      readOpenCharges(database, page),
    );
    return { charges: rows.map(toOpenCharge), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
