import type { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import type { Floor } from "#kit/floor.ts";
import { pageSizeOf, toPage } from "#kit/page-token.ts";
import type { Handler } from "#kit/route.ts";
import { listCoupons as readCoupons } from "../store/coupons.ts";

export function listCoupons({
  database,
  pageTokens,
}: Dependencies): Handler<typeof CouponAdminService.method.listCoupons> {
  return async request => {
    const list = ["coupons"];
    const pageSize = pageSizeOf(request.pageSize);
    const [before] = pageTokens.decode(list, request.pageToken) ?? [];
    const rows = await readCoupons(database, before === undefined ? undefined : BigInt(before), pageSize + 1);
    const page = toPage(rows, pageSize, last => pageTokens.encode(list, [last.couponId.toString()]));
    return { coupons: page.rows, nextPageToken: page.nextPageToken };
  };
}

type Dependencies = Pick<Floor, "database" | "pageTokens">;
