import type { ReviewChangedSchema } from "#gen/questioncloud/review/v1/events_pb.ts";
import { countReview } from "#kit/data/rated-table.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { ratedCreators } from "../db/rated.ts";

export const reviewChanged: EventHandler<typeof ReviewChangedSchema> = async (tx, review) =>
  void (await countReview(tx, ratedCreators, { ...review, ratedId: review.creatorId }));
