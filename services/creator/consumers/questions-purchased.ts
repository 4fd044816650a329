import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { EventHandler } from "#kit/consumer.ts";
import { salesByCreator } from "../sales.ts";
import { addSales } from "../store/creators.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = async (tx, { quote }) => {
  // In one order, so that two purchases never wait for each other.
  for (const [creatorId, count] of salesByCreator(quote?.lines ?? [])) {
    await addSales(tx, creatorId, count);
  }
};
