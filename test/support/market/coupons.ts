import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import type { Stack } from "#dev/stack/stack.ts";
import { type Coupon, CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import { CouponScope, type CouponTermsSchema, DiscountKind } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { createPublicClient } from "../rpc/clients.ts";

/** The terms of a coupon that differ from 1,000 points off one line. */
export type Terms = MessageInitShape<typeof CouponTermsSchema>;

export interface CouponPeriod {
  readonly stockCount?: bigint;
  /** Milliseconds from now, may be negative; begins at once when absent. */
  readonly startsInMs?: number;
  /** Milliseconds from now, an hour when absent. */
  readonly endsInMs?: number;
}

/** An operator who makes coupons. */
export interface CouponShop {
  readonly client: Client<typeof CouponAdminService>;
  create(terms?: Terms, period?: CouponPeriod): Promise<Coupon>;
  /** Makes one with a given code. */
  createAs(code: string, terms?: Terms, period?: CouponPeriod): Promise<Coupon>;
  find(couponId: bigint): Promise<Coupon | undefined>;
}

/** A code that no coupon has. */
export const newCode = () => crypto.randomUUID().slice(0, 18).toUpperCase();

/** Makes coupons with the token of an operator. */
export function createCouponShop(stack: Stack, token: string): CouponShop {
  const client = createPublicClient(stack, CouponAdminService, { token });
  const createAs: CouponShop["createAs"] = async (code, terms = {}, period = {}) => {
    const { stockCount = 1_000n, startsInMs, endsInMs = 3_600_000 } = period;
    const at = (inMs: number) => timestampFromMs(Date.now() + inMs);
    const { coupon } = await client.createCoupon({
      code,
      terms: {
        title: "할인 쿠폰",
        scope: CouponScope.LINE,
        kind: DiscountKind.FIXED,
        value: 1_000n,
        ...terms,
      },
      stockCount,
      ...(startsInMs === undefined ? {} : { startTime: at(startsInMs) }),
      endTime: at(endsInMs),
    });
    if (coupon === undefined) {
      throw new Error("no coupon was made");
    }
    return coupon;
  };
  return {
    client,
    createAs,
    create: (terms, period) => createAs(newCode(), terms, period),
    async find(couponId) {
      for (let pageToken = "", more = true; more; more = pageToken !== "") {
        const page = await client.listCoupons({ pageSize: 100, pageToken });
        const found = page.coupons.find(each => each.couponId === couponId);
        if (found !== undefined) {
          return found;
        }
        pageToken = page.nextPageToken;
      }
      return undefined;
    },
  };
}
