import { randomUUID } from "node:crypto";
import { admin, later, type SampleCalls, shortly, unknownId, user } from "../sample-call.ts";

/** Calls of the methods of coupon. */
export default function couponCalls(): SampleCalls {
  const code = () => `T-${randomUUID().slice(0, 13).toUpperCase()}`;
  const terms = {
    title: "쿠폰",
    scope: "COUPON_SCOPE_LINE",
    kind: "DISCOUNT_KIND_PERCENT",
    value: "10",
  };
  return {
    "coupon.v1.CouponAdminService/CreateCoupon": admin({
      code: code(),
      terms,
      stockCount: "10",
      startTime: shortly(),
      endTime: later(),
    }),
    "coupon.v1.CouponAdminService/ListCoupons": admin({}),
    "coupon.v1.CouponAdminService/EndCoupon": admin({ couponId: unknownId, reason: "시험" }, "NOT_FOUND"),
    "coupon.v1.CouponService/RegisterCoupon": user({ code: code() }, "NOT_FOUND"),
    "coupon.v1.CouponService/ListUserCoupons": user({}),
  };
}
