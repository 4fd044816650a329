import type { CouponHoldService } from "#gen/questioncloud/coupon/v1/mesh_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import { reserveOnce } from "#kit/reservation.ts";
import type { Handler } from "#kit/route.ts";
import { takenByAnotherPurchase } from "../failures.ts";
import { findUserCoupons, holdUserCoupons } from "../store/user-coupons.ts";
import { requireUsable } from "../usable.ts";

export function reserveCoupons({
  database,
}: Dependencies): Handler<typeof CouponHoldService.method.reserveCoupons> {
  return async ({ purchaseId, userCouponIds }, context) => {
    const userId = userIdOf(context);
    const content = userCouponIds.join(",");
    await database.transaction(tx =>
      reserveOnce(tx, { id: purchaseId, userId, content }, async () => {
        requireUsable(await findUserCoupons(tx, userId, userCouponIds), userCouponIds);
        if ((await holdUserCoupons(tx, userId, userCouponIds, purchaseId)) !== userCouponIds.length) {
          throw takenByAnotherPurchase();
        }
      }),
    );
    return {};
  };
}

type Dependencies = Pick<Floor, "database">;
