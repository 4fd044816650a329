import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { deleteLines } from "../db/cart-lines.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = (tx, { userId, lines }) =>
  deleteLines(
    tx,
    userId,
    lines.map(({ questionId }) => questionId),
  );
