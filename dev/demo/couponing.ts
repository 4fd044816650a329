import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import { CouponScope, CouponService, DiscountKind } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import type { Person } from "./signing-up.ts";
import { must, mustRefuse, type Stage } from "./stage.ts";

/** One coupon for a line and one for the whole purchase. */
export interface PairOf<T> {
  readonly line: T;
  readonly purchase: T;
}

/** The discount of the coupon for a line. */
export const lineDiscountPoints = 500n;

/** The discount of the coupon for the whole purchase. */
export const purchaseDiscountPercent = 10n;

const dayMs = 86_400_000;

/** Creates both coupons, the first only for questions of this creator, and returns their codes. */
export async function issueCoupons(
  { api }: Stage,
  admin: Person,
  creatorId: bigint,
): Promise<PairOf<string>> {
  const suffix = randomUUID().slice(0, 8).toUpperCase();
  const codes = { line: `DEMO-LINE-${suffix}`, purchase: `DEMO-ALL-${suffix}` };
  const coupons = api.client(CouponAdminService, admin.token);
  const limits = { stockCount: 5n, endTime: timestampFromMs(Date.now() + dayMs) };
  await coupons.createCoupon({
    code: codes.line,
    terms: {
      title: "한 문제 500P 할인",
      scope: CouponScope.LINE,
      kind: DiscountKind.FIXED,
      value: lineDiscountPoints,
      targetCreatorId: creatorId,
    },
    ...limits,
  });
  await coupons.createCoupon({
    code: codes.purchase,
    terms: {
      title: "전체 10% 할인",
      scope: CouponScope.PURCHASE,
      kind: DiscountKind.PERCENT,
      value: purchaseDiscountPercent,
      minimumPoints: 3000n,
    },
    ...limits,
  });
  return codes;
}

/** Registers both coupons by their codes and returns the ids of the user coupons. */
export async function registerCoupons(
  { api }: Stage,
  buyer: Person,
  codes: PairOf<string>,
): Promise<PairOf<bigint>> {
  const coupons = api.client(CouponService, buyer.token);
  const register = async (code: string) =>
    must((await coupons.registerCoupon({ code })).coupon, "the coupon").userCouponId;
  const registered = {
    line: await register(codes.line),
    purchase: await register(codes.purchase.toLowerCase()),
  };
  await mustRefuse("ALREADY_REGISTER_COUPON", register(codes.line));
  const { coupons: own } = await coupons.listUserCoupons({});
  assert.deepEqual(
    own.map(({ userCouponId }) => userCouponId).toSorted(),
    [registered.line, registered.purchase].toSorted(),
    "the buyer has both coupons",
  );
  return registered;
}
