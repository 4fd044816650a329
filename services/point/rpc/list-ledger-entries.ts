import type { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listEntries } from "../db/ledger.ts";
import { toLedgerEntry } from "../to-proto.ts";

export function listLedgerEntries({
  database,
  pageTokens,
}: Dependencies): Handler<typeof PointService.method.listLedgerEntries> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const { rows, nextPageToken } = await pageTokens.readPage(["ledger-entries", userId], request, page =>
      listEntries(database, userId, page),
    );
    return { entries: rows.map(toLedgerEntry), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
