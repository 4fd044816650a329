import type { PostAdminService } from "#gen/questioncloud/post/v1/post_admin_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listOpenReports } from "../db/reports.ts";
import { toPostReport } from "../to-proto.ts";

export function listPostReports({
  database,
  pageTokens,
}: Dependencies): Handler<typeof PostAdminService.method.listPostReports> {
  return async request => {
    const { rows, nextPageToken } = await pageTokens.readPage(["post-reports"], request, page =>
      listOpenReports(database, page),
    );
    return { reports: rows.map(toPostReport), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
