import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { confirm } from "#kit/data/reservation.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { couponReservations } from "../coupon-reservations.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = async (
  tx,
  { purchaseId, discounts },
) => {
  if (discounts.length > 0) {
    await confirm(tx, purchaseId, couponReservations);
  }
};
