import type { ReviewAdminService } from "#gen/questioncloud/review/v1/review_admin_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listHidden } from "../db/moderation.ts";
import { toAdminReview } from "../to-proto.ts";

export function listHiddenReviews({
  database,
  pageTokens,
}: Dependencies): Handler<typeof ReviewAdminService.method.listHiddenReviews> {
  return async request => {
    const { rows, nextPageToken } = await pageTokens.readPage(["hidden-reviews"], request, page =>
      listHidden(database, page),
    );
    return { reviews: rows.map(toAdminReview), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
