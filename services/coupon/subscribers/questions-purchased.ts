import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { confirmPaid } from "#kit/data/reservation.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import { contentOf, couponReservations } from "../coupon-reservations.ts";
import { holdUserCoupons } from "../db/user-coupons.ts";

export const questionsPurchased: BatchHandler<typeof QuestionsPurchasedSchema> = {
  concerns: ({ discounts }) => discounts.length > 0,
  async handleAll(tx, purchases) {
    const reservations = purchases.map(({ purchaseId, userId, discounts }) => {
      const userCouponIds = discounts.map(({ userCouponId }) => userCouponId);
      return { id: purchaseId, userId, userCouponIds, content: contentOf(userCouponIds) };
    });
    await confirmPaid(
      tx,
      reservations,
      // A coupon that is not free any more is used up or gone, which is what matters here.
      async ({ id, userId, userCouponIds }) => void (await holdUserCoupons(tx, userId, userCouponIds, id)),
      couponReservations,
    );
  },
};
