import type { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import { pageSizeOf, toPage } from "#kit/page-token.ts";
import type { Handler } from "#kit/route.ts";
import { listEntries } from "../store/ledger.ts";

export function listLedgerEntries({
  database,
  pageTokens,
}: Dependencies): Handler<typeof PointService.method.listLedgerEntries> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const list = ["ledger-entries", userId];
    const pageSize = pageSizeOf(request.pageSize);
    const [before] = pageTokens.decode(list, request.pageToken) ?? [];
    const beforeId = before === undefined ? undefined : BigInt(before);
    const entries = await listEntries(database, userId, beforeId, pageSize + 1);
    const page = toPage(entries, pageSize, last => pageTokens.encode(list, [last.entryId.toString()]));
    return { entries: page.rows, nextPageToken: page.nextPageToken };
  };
}

type Dependencies = Pick<Floor, "database" | "pageTokens">;
