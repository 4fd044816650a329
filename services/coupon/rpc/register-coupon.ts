import type { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { alreadyRegistered, couponNotFound, outsidePeriod, soldOut } from "../failures.ts";
import { findCode, takePiece } from "../store/coupons.ts";
import { findUserCoupons, insertUserCoupon } from "../store/user-coupons.ts";

export function registerCoupon({
  database,
}: Dependencies): Handler<typeof CouponService.method.registerCoupon> {
  return (request, context) =>
    database.transaction(async tx => {
      const userId = userIdOf(context);
      const found = await findCode(tx, request.code.toUpperCase());
      if (found === undefined) {
        throw couponNotFound();
      }
      // The user's row comes first: its unique key stops a second try before it queues for the stock.
      const userCouponId = await insertUserCoupon(tx, userId, found.couponId);
      if (userCouponId === undefined) {
        throw alreadyRegistered();
      }
      if (!found.running) {
        throw outsidePeriod();
      }
      if (!(await takePiece(tx, found.couponId))) {
        throw soldOut();
      }
      const [owned] = await findUserCoupons(tx, userId, [userCouponId]);
      return owned === undefined ? {} : { coupon: owned.coupon };
    });
}

type Dependencies = Pick<Floor, "database">;
