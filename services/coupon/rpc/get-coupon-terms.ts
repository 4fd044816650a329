import type { CouponHoldService } from "#gen/questioncloud/coupon/v1/internal_coupon_hold_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findUserCoupons } from "../db/user-coupons.ts";
import { requireUsable } from "../domain/usable.ts";
import { toUserCoupon } from "../to-proto.ts";

export function getCouponTerms({
  database,
}: Dependencies): Handler<typeof CouponHoldService.method.getCouponTerms> {
  return async ({ userCouponIds }, context) => {
    const owned = await findUserCoupons(database, userIdOf(context), userCouponIds);
    return { coupons: requireUsable(owned, userCouponIds).map(toUserCoupon) };
  };
}

type Dependencies = Pick<App, "database">;
