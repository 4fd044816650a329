import type { ReviewAdminService } from "#gen/questioncloud/review/v1/review_admin_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listReports } from "../db/moderation.ts";
import { toReport } from "../to-proto.ts";

export function listReviewReports({
  database,
  pageTokens,
}: Dependencies): Handler<typeof ReviewAdminService.method.listReviewReports> {
  return async request => {
    const { reviewId } = request;
    const { rows, nextPageToken } = await pageTokens.readPage(["review-reports", reviewId], request, page =>
      listReports(database, reviewId, page),
    );
    return { reports: rows.map(toReport), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
