import type { CouponHoldService } from "#gen/questioncloud/coupon/v1/mesh_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import { releaseOnce } from "#kit/reservation.ts";
import type { Handler } from "#kit/route.ts";
import { freeHeldCoupons } from "../store/user-coupons.ts";

export function releaseCoupons({
  database,
}: Dependencies): Handler<typeof CouponHoldService.method.releaseCoupons> {
  return async ({ purchaseId }, context) => {
    const userId = userIdOf(context);
    await database.transaction(tx =>
      releaseOnce(tx, { id: purchaseId, userId }, () => freeHeldCoupons(tx, purchaseId)),
    );
    return {};
  };
}

type Dependencies = Pick<Floor, "database">;
