import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { confirmPaid } from "#kit/data/reservation.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { contentOf, couponReservations } from "../coupon-reservations.ts";
import { holdUserCoupons } from "../db/user-coupons.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = async (
  tx,
  { purchaseId, userId, discounts },
) => {
  const ids = discounts.map(({ userCouponId }) => userCouponId);
  if (ids.length > 0) {
    const reservation = { id: purchaseId, userId, content: contentOf(ids) };
    // A coupon that is not free any more is used up or gone, which is what matters here.
    const hold = async () => void (await holdUserCoupons(tx, userId, ids, purchaseId));
    await confirmPaid(tx, reservation, hold, couponReservations);
  }
};
