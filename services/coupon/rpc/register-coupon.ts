import type { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { alreadyRegistered, couponNotFound, outsidePeriod, soldOut } from "../failures.ts";
import { findCode, takePiece } from "../store/coupons.ts";
import { findUserCoupons, hasPiece, insertUserCoupon } from "../store/user-coupons.ts";

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
      const refuseSecond = async () => {
        if (await hasPiece(tx, userId, found.couponId)) {
          throw alreadyRegistered();
        }
      };
      await refuseSecond();
      if (!found.running) {
        throw outsidePeriod();
      }
      // The stock comes before the piece: the foreign key of a piece locks the coupon for reading, and two who both did that first would
      // each wait for the other to take from the stock.
      if (!found.left || !(await takePiece(tx, found.couponId))) {
        await refuseSecond();
        throw soldOut();
      }
      const userCouponId = await insertUserCoupon(tx, userId, found.couponId);
      if (userCouponId === undefined) {
        throw alreadyRegistered();
      }
      const [owned] = await findUserCoupons(tx, userId, [userCouponId]);
      return owned === undefined ? {} : { coupon: owned.coupon };
    });
}

type Dependencies = Pick<Floor, "database">;
