import type { CouponHoldService } from "#gen/questioncloud/coupon/v1/mesh_pb.ts";
import type { Floor } from "#kit/floor.ts";
import { confirmOnce } from "#kit/reservation.ts";
import type { Handler } from "#kit/route.ts";
import { useHeldCoupons } from "../store/user-coupons.ts";

export function confirmCoupons({
  database,
}: Dependencies): Handler<typeof CouponHoldService.method.confirmCoupons> {
  return async ({ purchaseId }) => {
    await database.transaction(tx => confirmOnce(tx, purchaseId, () => useHeldCoupons(tx, purchaseId)));
    return {};
  };
}

type Dependencies = Pick<Floor, "database">;
