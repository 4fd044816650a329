import type { CouponHoldService } from "#gen/questioncloud/coupon/v1/internal_coupon_hold_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import { reserve } from "#kit/data/reservation.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { contentOf } from "../coupon-reservations.ts";
import { findUserCoupons, holdUserCoupons } from "../db/user-coupons.ts";
import { requireUsable } from "../domain/usable.ts";
import { takenByAnotherPurchase } from "../failures.ts";

export function reserveCoupons({
  database,
}: Dependencies): Handler<typeof CouponHoldService.method.reserveCoupons> {
  return async ({ purchaseId, userCouponIds }, context) => {
    const userId = userIdOf(context);
    const content = contentOf(userCouponIds);
    await database.transaction(tx =>
      reserve(tx, { id: purchaseId, userId, content }, async () => {
        requireUsable(await findUserCoupons(tx, userId, userCouponIds), userCouponIds);
        if ((await holdUserCoupons(tx, userId, userCouponIds, purchaseId)) !== userCouponIds.length) {
          throw takenByAnotherPurchase();
        }
      }),
    );
    return {};
  };
}

type Dependencies = Pick<App, "database">;
