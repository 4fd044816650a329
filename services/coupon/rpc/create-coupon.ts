import type { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { writeAudit } from "#kit/audit.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { couponNotFound, duplicateCode } from "../failures.ts";
import { findCoupon, insertCoupon } from "../store/coupons.ts";

export function createCoupon({
  database,
}: Dependencies): Handler<typeof CouponAdminService.method.createCoupon> {
  return (request, context) =>
    database.transaction(async tx => {
      const couponId = await insertCoupon(tx, request);
      if (couponId === undefined) {
        throw duplicateCode();
      }
      const detail = { code: request.code, stock_count: request.stockCount.toString() };
      await writeAudit(tx, context, { action: "coupon.create", subject: couponId.toString(), detail });
      const coupon = await findCoupon(tx, couponId);
      if (coupon === undefined) {
        throw couponNotFound();
      }
      return { coupon };
    });
}

type Dependencies = Pick<Floor, "database">;
