import type { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { setVote } from "../db/votes.ts";
import { requireOthers } from "../require-others.ts";

export function markReviewHelpful({
  database,
}: Dependencies): Handler<typeof ReviewService.method.markReviewHelpful> {
  return ({ reviewId, helpful }, context) =>
    database.transaction(async tx => {
      const userId = userIdOf(context);
      await requireOthers(tx, reviewId, userId);
      return { helpfulCount: await setVote(tx, { reviewId, userId }, helpful) };
    });
}

type Dependencies = Pick<App, "database">;
