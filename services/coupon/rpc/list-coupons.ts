import type { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listCoupons as readCoupons } from "../db/coupons.ts";
import { toCoupon } from "../to-proto.ts";

export function listCoupons({
  database,
  pageTokens,
}: Dependencies): Handler<typeof CouponAdminService.method.listCoupons> {
  return async request => {
    const { rows, nextPageToken } = await pageTokens.readPage(["coupons"], request, page =>
      readCoupons(database, page),
    );
    return { coupons: rows.map(toCoupon), nextPageToken };
  };
}

type Dependencies = Pick<App, "database" | "pageTokens">;
