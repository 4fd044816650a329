import type { CouponHoldService } from "#gen/questioncloud/coupon/v1/mesh_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { findUserCoupons } from "../store/user-coupons.ts";
import { requireUsable } from "../usable.ts";

export function getCouponTerms({
  database,
}: Dependencies): Handler<typeof CouponHoldService.method.getCouponTerms> {
  return async ({ userCouponIds }, context) => {
    const owned = await findUserCoupons(database, userIdOf(context), userCouponIds);
    return { coupons: requireUsable(owned, userCouponIds).map(({ coupon }) => coupon) };
  };
}

type Dependencies = Pick<Floor, "database">;
