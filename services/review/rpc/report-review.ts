import type { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { insertReport } from "../db/moderation.ts";
import { alreadyReported } from "../failures.ts";
import { requireOthers } from "../require-others.ts";

export function reportReview({ database }: Dependencies): Handler<typeof ReviewService.method.reportReview> {
  return ({ reviewId, reason, text }, context) =>
    database.transaction(async tx => {
      const userId = userIdOf(context);
      await requireOthers(tx, reviewId, userId);
      if (!(await insertReport(tx, { reviewId, userId, reason, text }))) {
        throw alreadyReported();
      }
      return {};
    });
}

type Dependencies = Pick<App, "database">;
