import type { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listUsableCoupons } from "../db/user-coupons.ts";
import { toUserCoupon } from "../to-proto.ts";

export function listUserCoupons({
  database,
  pageTokens,
}: Dependencies): Handler<typeof CouponService.method.listUserCoupons> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const { rows, nextPageToken } = await pageTokens.readPage(["user-coupons", userId], request, page =>
      listUsableCoupons(database, userId, page),
    );
    return { coupons: rows.map(toUserCoupon), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
