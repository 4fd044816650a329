import type { ReviewChangedSchema } from "#gen/questioncloud/review/v1/events_pb.ts";
import { countReview } from "#kit/data/rated-table.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { ratedQuestions } from "../db/rated.ts";

export const reviewChanged: EventHandler<typeof ReviewChangedSchema> = async (tx, review) =>
  void (await countReview(tx, ratedQuestions, { ...review, ratedId: review.questionId }));
