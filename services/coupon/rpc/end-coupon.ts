import type { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { writeAudit } from "#kit/audit.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { couponNotFound } from "../failures.ts";
import { endCoupon as endNow, findCoupon } from "../store/coupons.ts";

export function endCoupon({ database }: Dependencies): Handler<typeof CouponAdminService.method.endCoupon> {
  return ({ couponId, reason }, context) =>
    database.transaction(async tx => {
      const found = await endNow(tx, couponId);
      const coupon = found ? await findCoupon(tx, couponId) : undefined;
      if (coupon === undefined) {
        throw couponNotFound();
      }
      await writeAudit(tx, context, {
        action: "coupon.end",
        subject: couponId.toString(),
        detail: { reason },
      });
      return { coupon };
    });
}

type Dependencies = Pick<Floor, "database">;
