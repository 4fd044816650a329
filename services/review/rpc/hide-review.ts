import type { ReviewAdminService } from "#gen/questioncloud/review/v1/review_admin_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { moderate } from "../moderate.ts";
import { toAdminReview } from "../to-proto.ts";

export function hideReview(app: Dependencies): Handler<typeof ReviewAdminService.method.hideReview> {
  return async ({ reviewId, reason }, context) => {
    const review = await moderate(app, context, { reviewId, to: "HIDDEN", reason });
    return { review: toAdminReview(review) };
  };
}

type Dependencies = Pick<App, "database" | "outbox">;
