import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { CouponSchema, CreateCouponRequest } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import {
  CouponScope,
  CouponTermsSchema,
  DiscountKind,
  type UserCouponSchema,
} from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import type { CouponRow, NewCoupon } from "./db/coupons.ts";
import type { UserCouponRow } from "./db/user-coupons.ts";
import type { CouponTerms } from "./domain/terms.ts";

/** A coupon as an administrator sees it. */
export function toCoupon(row: CouponRow): MessageInitShape<typeof CouponSchema> {
  return { ...row, terms: toTerms(row), ...toPeriod(row) };
}

/** A coupon as its user sees it. */
export function toUserCoupon(row: UserCouponRow): MessageInitShape<typeof UserCouponSchema> {
  const { userCouponId, couponId } = row;
  return { userCouponId, couponId, terms: toTerms(row), ...toPeriod(row) };
}

function toTerms({ scope, kind, ...terms }: CouponTerms) {
  return create(CouponTermsSchema, { ...terms, scope: CouponScope[scope], kind: DiscountKind[kind] });
}

function toPeriod({ startTime, endTime }: { startTime: Date; endTime: Date }) {
  return { startTime: timestampFromDate(startTime), endTime: timestampFromDate(endTime) };
}

/** The coupon in a request. */
export function fromCreateCoupon({
  code,
  terms,
  stockCount,
  startTime,
  endTime,
}: CreateCouponRequest): NewCoupon {
  if (terms === undefined || endTime === undefined) {
    throw new TypeError("the contract requires terms and end");
  }
  const { $typeName: _, $unknown: __, scope, kind, ...rest } = terms;
  return {
    ...rest,
    scope: scope === CouponScope.LINE ? "LINE" : "PURCHASE",
    kind: kind === DiscountKind.FIXED ? "FIXED" : "PERCENT",
    code,
    stockCount,
    startTime: startTime && timestampDate(startTime),
    endTime: timestampDate(endTime),
  };
}
