import type { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findCoupon, insertCoupon } from "../db/coupons.ts";
import { couponNotFound, duplicateCode } from "../failures.ts";
import { fromCreateCoupon, toCoupon } from "../to-proto.ts";

export function createCoupon({
  database,
}: Dependencies): Handler<typeof CouponAdminService.method.createCoupon> {
  return (request, context) =>
    database.transaction(async tx => {
      const couponId = await insertCoupon(tx, fromCreateCoupon(request));
      if (couponId === undefined) {
        throw duplicateCode();
      }
      const detail = { code: request.code, stock_count: request.stockCount.toString() };
      await writeAudit(tx, context, { action: "coupon.create", subject: couponId.toString(), detail });
      const coupon = await findCoupon(tx, couponId);
      if (coupon === undefined) {
        throw couponNotFound();
      }
      return { coupon: toCoupon(coupon) };
    });
}

type Dependencies = Pick<App, "database">;
