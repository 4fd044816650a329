import type { ReservationHooks } from "#kit/data/reservation.ts";
import { freeHeldCoupons, useHeldCoupons } from "./db/user-coupons.ts";

/** Uses up or releases the user coupons that a purchase holds. */
export const couponReservations: ReservationHooks = {
  onConfirm: (tx, { id }) => useHeldCoupons(tx, id),
  onRelease: (tx, { id }) => freeHeldCoupons(tx, id),
};

/** What a reservation of user coupons holds, as it is stored. */
export function contentOf(userCouponIds: readonly bigint[]): string {
  return userCouponIds.join(",");
}
