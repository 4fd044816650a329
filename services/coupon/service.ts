import { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { CouponHoldService } from "#gen/questioncloud/coupon/v1/internal_coupon_hold_pb.ts";
import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { implement } from "#kit/rpc/implement.ts";
import { serveReservations } from "#kit/rpc/serve-reservations.ts";
import { type RunningService, startService } from "#kit/service/start-service.ts";
import { type App, createApp } from "./app.ts";
import type { CouponConfig } from "./config.ts";
import { couponReservations } from "./coupon-reservations.ts";
import { createCoupon } from "./rpc/create-coupon.ts";
import { endCoupon } from "./rpc/end-coupon.ts";
import { getCouponTerms } from "./rpc/get-coupon-terms.ts";
import { listCoupons } from "./rpc/list-coupons.ts";
import { listUserCoupons } from "./rpc/list-user-coupons.ts";
import { registerCoupon } from "./rpc/register-coupon.ts";
import { reserveCoupons } from "./rpc/reserve-coupons.ts";
import { purchaseCancelled } from "./subscribers/purchase-cancelled.ts";
import { questionsPurchased } from "./subscribers/questions-purchased.ts";

export { config } from "./config.ts";

/** Starts the coupon service. */
export async function start(config: CouponConfig, overrides?: Partial<App>): Promise<RunningService> {
  const app = await createApp(config, overrides);
  return startService(app, {
    rpcs: [
      implement(CouponService, {
        registerCoupon: registerCoupon(app),
        listUserCoupons: listUserCoupons(app),
      }),
      implement(CouponAdminService, {
        createCoupon: createCoupon(app),
        listCoupons: listCoupons(app),
        endCoupon: endCoupon(app),
      }),
      implement(CouponHoldService, {
        getCouponTerms: getCouponTerms(app),
        reserveCoupons: reserveCoupons(app),
      }),
      serveReservations(app.database, couponReservations),
    ],
    subscriptions: [
      subscribe(QuestionsPurchasedSchema, questionsPurchased),
      subscribe(PurchaseCancelledSchema, purchaseCancelled),
    ],
  });
}
