import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  CouponAdminService,
  CouponScope,
  CouponService,
  DiscountKind,
} from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import type { Person } from "./signing-up.ts";
import { must, mustRefuse, type Stage } from "./stage.ts";

/** One coupon for a line and one for the whole purchase. */
export interface PairOf<T> {
  readonly line: T;
  readonly purchase: T;
}

/** What the coupon for a line takes off. */
export const lineDiscountPoints = 500n;

/** What the coupon for the whole purchase takes off. */
export const purchaseDiscountPercent = 10n;

const dayMs = 86_400_000;

/** Makes both coupons, the first only for questions of this creator, and returns their codes. */
export async function issueCoupons(
  { door }: Stage,
  admin: Person,
  creatorId: bigint,
): Promise<PairOf<string>> {
  const ending = randomUUID().slice(0, 8).toUpperCase();
  const codes = { line: `DEMO-LINE-${ending}`, purchase: `DEMO-ALL-${ending}` };
  const coupons = door.client(CouponAdminService, admin.token);
  const few = { stockCount: 5n, endTime: timestampFromMs(Date.now() + dayMs) };
  await coupons.createCoupon({
    code: codes.line,
    terms: {
      title: "한 문제 500P 할인",
      scope: CouponScope.LINE,
      kind: DiscountKind.FIXED,
      value: lineDiscountPoints,
      targetCreatorId: creatorId,
    },
    ...few,
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
    ...few,
  });
  return codes;
}

/** Registers both coupons by their codes, and returns the ids of the buyer's pieces. */
export async function registerCoupons(
  { door }: Stage,
  buyer: Person,
  codes: PairOf<string>,
): Promise<PairOf<bigint>> {
  const coupons = door.client(CouponService, buyer.token);
  const register = async (code: string) =>
    must((await coupons.registerCoupon({ code })).coupon, "the coupon").userCouponId;
  const pieces = { line: await register(codes.line), purchase: await register(codes.purchase.toLowerCase()) };
  await mustRefuse("ALREADY_REGISTER_COUPON", register(codes.line));
  const { coupons: own } = await coupons.listUserCoupons({});
  assert.deepEqual(
    own.map(({ userCouponId }) => userCouponId).toSorted(),
    [pieces.line, pieces.purchase].toSorted(),
    "the buyer has both coupons",
  );
  return pieces;
}
