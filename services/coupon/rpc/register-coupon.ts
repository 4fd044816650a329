import type { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findCode, takeFromStock } from "../db/coupons.ts";
import { findUserCoupons, hasCoupon, insertUserCoupon } from "../db/user-coupons.ts";
import { alreadyRegistered, couponNotFound, outsidePeriod, soldOut } from "../failures.ts";
import { toUserCoupon } from "../to-proto.ts";

export function registerCoupon({
  database,
}: Dependencies): Handler<typeof CouponService.method.registerCoupon> {
  return (request, context) =>
    database.transaction(async tx => {
      const userId = userIdOf(context);
      const found = await findCode(tx, request.code);
      if (found === undefined) {
        throw couponNotFound();
      }
      const refuseSecond = async () => {
        if (await hasCoupon(tx, userId, found.couponId)) {
          throw alreadyRegistered();
        }
      };
      await refuseSecond();
      if (!found.isInPeriod) {
        throw outsidePeriod();
      }
      // The stock comes first: inserting a user coupon locks its coupon for reading (the foreign key), and two calls
      // that both did that first would deadlock on taking from the stock.
      if (!found.hasStock || !(await takeFromStock(tx, found.couponId))) {
        await refuseSecond();
        throw soldOut();
      }
      const userCouponId = await insertUserCoupon(tx, userId, found);
      if (userCouponId === undefined) {
        throw alreadyRegistered();
      }
      const [owned] = await findUserCoupons(tx, userId, [userCouponId]);
      return owned === undefined ? {} : { coupon: toUserCoupon(owned) };
    });
}

type Dependencies = Pick<App, "database">;
