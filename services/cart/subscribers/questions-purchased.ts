import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import { deleteLines } from "../db/cart-lines.ts";

export const questionsPurchased: BatchHandler<typeof QuestionsPurchasedSchema> = {
  handleAll: (tx, purchases) =>
    deleteLines(
      tx.deferred,
      purchases.map(({ userId, lines }) => ({ userId, questionIds: lines.map(line => line.questionId) })),
    ),
};
