import { CouponAdminService, CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { CouponHoldService } from "#gen/questioncloud/coupon/v1/mesh_pb.ts";
import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { hear } from "#kit/consumer.ts";
import type { Floor } from "#kit/floor.ts";
import { route } from "#kit/route.ts";
import { purchaseCancelled } from "./consumers/purchase-cancelled.ts";
import { questionsPurchased } from "./consumers/questions-purchased.ts";
import { confirmCoupons } from "./rpc/confirm-coupons.ts";
import { createCoupon } from "./rpc/create-coupon.ts";
import { endCoupon } from "./rpc/end-coupon.ts";
import { getCouponTerms } from "./rpc/get-coupon-terms.ts";
import { listCoupons } from "./rpc/list-coupons.ts";
import { listUserCoupons } from "./rpc/list-user-coupons.ts";
import { registerCoupon } from "./rpc/register-coupon.ts";
import { releaseCoupons } from "./rpc/release-coupons.ts";
import { reserveCoupons } from "./rpc/reserve-coupons.ts";

export const services = [CouponService, CouponAdminService, CouponHoldService];

export const createRoutes = (floor: Floor) => [
  route(CouponService.method.registerCoupon, registerCoupon(floor)),
  route(CouponService.method.listUserCoupons, listUserCoupons(floor)),
  route(CouponAdminService.method.createCoupon, createCoupon(floor)),
  route(CouponAdminService.method.listCoupons, listCoupons(floor)),
  route(CouponAdminService.method.endCoupon, endCoupon(floor)),
  route(CouponHoldService.method.getCouponTerms, getCouponTerms(floor)),
  route(CouponHoldService.method.reserveCoupons, reserveCoupons(floor)),
  route(CouponHoldService.method.confirmCoupons, confirmCoupons(floor)),
  route(CouponHoldService.method.releaseCoupons, releaseCoupons(floor)),
];

export const hearings = [
  hear(QuestionsPurchasedSchema, questionsPurchased),
  hear(PurchaseCancelledSchema, purchaseCancelled),
];
