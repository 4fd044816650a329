import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { addSales } from "../db/creators.ts";
import { salesByCreator } from "../sales.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = async (tx, { lines }) => {
  // Always in the same order, so that two purchases cannot deadlock.
  for (const [creatorId, count] of salesByCreator(lines)) {
    await addSales(tx, creatorId, count);
  }
};
