import type { PointAdminService } from "#gen/questioncloud/point/v1/point_pb.ts";
import type { Floor } from "#kit/floor.ts";
import { pageSizeOf, toPage } from "#kit/page-token.ts";
import type { Handler } from "#kit/route.ts";
import { listDiscrepancies as readDiscrepancies } from "../store/discrepancies.ts";

export function listDiscrepancies({
  database,
  pageTokens,
}: Dependencies): Handler<typeof PointAdminService.method.listDiscrepancies> {
  return async ({ includeResolved, ...request }) => {
    const list = ["discrepancies", includeResolved];
    const pageSize = pageSizeOf(request.pageSize);
    const [before] = pageTokens.decode(list, request.pageToken) ?? [];
    const beforeId = before === undefined ? undefined : BigInt(before);
    const found = await readDiscrepancies(database, { includeResolved, beforeId, limit: pageSize + 1 });
    const page = toPage(found, pageSize, last => pageTokens.encode(list, [last.discrepancyId.toString()]));
    return { discrepancies: page.rows, nextPageToken: page.nextPageToken };
  };
}

type Dependencies = Pick<Floor, "database" | "pageTokens">;
