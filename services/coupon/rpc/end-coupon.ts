import type { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { endCoupon as endNow, findCoupon } from "../db/coupons.ts";
import { couponNotFound } from "../failures.ts";
import { toCoupon } from "../to-proto.ts";

export function endCoupon({ database }: Dependencies): Handler<typeof CouponAdminService.method.endCoupon> {
  return ({ couponId, reason }, context) =>
    database.transaction(async tx => {
      const found = await endNow(tx, couponId);
      const coupon = found ? await findCoupon(tx, couponId) : undefined;
      if (coupon === undefined) {
        throw couponNotFound();
      }
      const subject = couponId.toString();
      await writeAudit(tx, context, { action: "coupon.end", subject, detail: { reason } });
      return { coupon: toCoupon(coupon) };
    });
}

type Dependencies = Pick<App, "database">;
