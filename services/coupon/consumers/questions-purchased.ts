import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { EventHandler } from "#kit/consumer.ts";
import { confirmOnce } from "#kit/reservation.ts";
import { useHeldCoupons } from "../store/user-coupons.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = async (
  tx,
  { purchaseId, quote },
) => {
  if (quote !== undefined && quote.discounts.length > 0) {
    await confirmOnce(tx, purchaseId, () => useHeldCoupons(tx, purchaseId));
  }
};
