import { idsOf, type ReservationHooks } from "#kit/data/reservation.ts";
import { freeHeldCoupons, useHeldCoupons } from "./db/user-coupons.ts";

/** Uses up or releases the user coupons that purchases hold. */
export const couponReservations: ReservationHooks = {
  onConfirm: (tx, reservations) => useHeldCoupons(tx, idsOf(reservations)),
  onRelease: (tx, reservations) => freeHeldCoupons(tx, idsOf(reservations)),
};

/** What a reservation of user coupons holds, as it is stored. */
export function contentOf(userCouponIds: readonly bigint[]): string {
  return userCouponIds.join(",");
}
