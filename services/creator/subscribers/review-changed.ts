import type { ReviewChangedSchema } from "#gen/questioncloud/review/v1/events_pb.ts";
import { countReviews } from "#kit/data/rated-table.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import { ratedCreators } from "../db/rated.ts";

export const reviewChanged: BatchHandler<typeof ReviewChangedSchema> = {
  async handleAll(tx, reviews) {
    const seen = reviews.map(review => ({ ...review, ratedId: review.creatorId }));
    await countReviews(tx, ratedCreators, seen);
  },
};
