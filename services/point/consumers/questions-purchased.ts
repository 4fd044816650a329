import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { EventHandler } from "#kit/consumer.ts";
import { confirmOnce } from "#kit/reservation.ts";
import { spendHeldPoints } from "../held-points.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = async (
  tx,
  { purchaseId, quote },
) => {
  if (quote !== undefined && quote.amountPoints > 0n) {
    await confirmOnce(tx, purchaseId, reservation => spendHeldPoints(tx, reservation));
  }
};
