import { wrongCoupon } from "../failures.ts";
import type { UserCouponState } from "./terms.ts";

/** A user coupon, and what its use depends on. */
export interface OwnedCoupon {
  readonly userCouponId: bigint;
  readonly state: UserCouponState;
  /** By the clock of the database. */
  readonly isInPeriod: boolean;
}

/**
 * The named user coupons, in that order; throws for the first that the user does not have, that is outside its period,
 * or that is not free.
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
