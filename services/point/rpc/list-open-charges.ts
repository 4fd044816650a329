import type { PointAdminService } from "#gen/questioncloud/point/v1/point_pb.ts";
import type { Floor } from "#kit/floor.ts";
import { pageSizeOf, toPage } from "#kit/page-token.ts";
import type { Handler } from "#kit/route.ts";
import { listOpenCharges as readOpenCharges } from "../store/charges.ts";

export function listOpenCharges({
  database,
  pageTokens,
}: Dependencies): Handler<typeof PointAdminService.method.listOpenCharges> {
  return async request => {
    const list = ["open-charges"];
    const pageSize = pageSizeOf(request.pageSize);
    const [createKey, chargeId] = pageTokens.decode(list, request.pageToken) ?? [];
    const after = createKey === undefined || chargeId === undefined ? undefined : { createKey, chargeId };
    const found = await readOpenCharges(database, after, pageSize + 1);
    const page = toPage(found, pageSize, last => pageTokens.encode(list, [last.createKey, last.chargeId]));
    return { charges: page.rows.map(row => row.open), nextPageToken: page.nextPageToken };
  };
}

type Dependencies = Pick<Floor, "database" | "pageTokens">;
