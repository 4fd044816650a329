import { wrongCoupon } from "./failures.ts";
import type { OwnedCoupon } from "./store/user-coupons.ts";

/** The named pieces in their order; refuses with the first that is unknown to the user, outside its period, or not free. */
export function requireUsable(
  owned: readonly OwnedCoupon[],
  userCouponIds: readonly bigint[],
): OwnedCoupon[] {
  return userCouponIds.map(id => {
    const found = owned.find(({ coupon }) => coupon.userCouponId === id);
    if (found === undefined) {
      throw wrongCoupon(id, "unknown");
    }
    if (!found.running) {
      throw wrongCoupon(id, "expired");
    }
    if (found.state !== "FREE") {
      throw wrongCoupon(id, "used");
    }
    return found;
  });
}
