import type { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import { pageSizeOf, toPage } from "#kit/page-token.ts";
import type { Handler } from "#kit/route.ts";
import { listUsableCoupons } from "../store/user-coupons.ts";

export function listUserCoupons({
  database,
  pageTokens,
}: Dependencies): Handler<typeof CouponService.method.listUserCoupons> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const list = ["user-coupons", userId];
    const pageSize = pageSizeOf(request.pageSize);
    const [endKey, id] = pageTokens.decode(list, request.pageToken) ?? [];
    const after = endKey === undefined || id === undefined ? undefined : { endKey, userCouponId: BigInt(id) };
    const owned = await listUsableCoupons(database, userId, after, pageSize + 1);
    const page = toPage(owned, pageSize, last =>
      pageTokens.encode(list, [last.endKey, last.coupon.userCouponId.toString()]),
    );
    return { coupons: page.rows.map(row => row.coupon), nextPageToken: page.nextPageToken };
  };
}

type Dependencies = Pick<Floor, "database" | "pageTokens">;
