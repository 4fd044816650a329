import type { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { allowCaching } from "#kit/rpc/interceptors/restrict-caching.ts";
import type { App } from "../app.ts";
import { readRateCounts } from "../db/ratings.ts";
import { toSummary } from "../to-proto.ts";

export function getReviewSummary({
  database,
}: Dependencies): Handler<typeof ReviewService.method.getReviewSummary> {
  return async ({ questionId }, context) => {
    const counts = await readRateCounts(database, questionId);
    allowCaching(context);
    return toSummary(counts);
  };
}

type Dependencies = Pick<App, "database">;
