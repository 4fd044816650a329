import type { ReviewAdminService } from "#gen/questioncloud/review/v1/review_admin_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listReported } from "../db/moderation.ts";
import { toAdminReview } from "../to-proto.ts";

export function listReportedReviews({
  database,
  pageTokens,
}: Dependencies): Handler<typeof ReviewAdminService.method.listReportedReviews> {
  return async request => {
    const { rows, nextPageToken } = await pageTokens.readPage(["reported-reviews"], request, page =>
      listReported(database, page),
    );
    return { reviews: rows.map(toAdminReview), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
