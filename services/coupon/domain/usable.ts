import { wrongCoupon } from "../failures.ts";
import type { UserCouponState } from "./terms.ts";

/** What decides whether a user coupon can be used. */
export interface OwnedCoupon {
  readonly userCouponId: bigint;
  readonly state: UserCouponState;
  /** By the clock of the database. */
  readonly isInPeriod: boolean;
}

/**
 * The named user coupons in their order; refuses with the first that is unknown to the user, outside its period, or
 * not free.
 */
export function requireUsable<Owned extends OwnedCoupon>(
  owned: readonly Owned[],
  userCouponIds: readonly bigint[],
): Owned[] {
  return userCouponIds.map(id => {
    const found = owned.find(({ userCouponId }) => userCouponId === id);
    if (found === undefined) {
      throw wrongCoupon(id, "unknown");
    }
    if (!found.isInPeriod) {
      throw wrongCoupon(id, "expired");
    }
    if (found.state !== "FREE") {
      throw wrongCoupon(id, "used");
    }
    return found;
  });
}
