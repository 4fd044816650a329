import type { ReviewChangedSchema } from "#gen/questioncloud/review/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { countReview } from "../db/ratings.ts";

export const reviewChanged: EventHandler<typeof ReviewChangedSchema> = (tx, review) =>
  countReview(tx, review);
