import {
  CouponScope,
  type CouponTerms,
  DiscountKind,
  type UserCoupon,
} from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import type { PurchaseLine } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import type { QuestionSnapshot } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import { wrongCoupon } from "../failures.ts";

/** What one coupon takes off; `questionId` is 0 for the whole purchase. */
export interface CouponDiscount {
  readonly userCouponId: bigint;
  readonly title: string;
  readonly scope: CouponScope;
  readonly questionId: bigint;
  readonly discountPoints: bigint;
}

/** Finds a coupon that the basket names. */
export type FindCoupon = (userCouponId: bigint) => UserCoupon & { terms: CouponTerms };

/** What the coupons of one line take off. Throws WRONG_COUPON. */
export function discountLine(
  line: PurchaseLine,
  question: QuestionSnapshot,
  findCoupon: FindCoupon,
): CouponDiscount[] {
  const base = question.offerPricePoints;
  let left = base;
  return [line.userCouponId, line.stackableUserCouponId].flatMap((id, slot) => {
    if (id === 0n) {
      return [];
    }
    const { terms } = findCoupon(id);
    requireFit(id, terms, question, slot === 1);
    const discountPoints = min(discountOf(id, terms, base), left);
    left -= discountPoints;
    return [
      {
        userCouponId: id,
        title: terms.title,
        scope: terms.scope,
        questionId: question.questionId,
        discountPoints,
      },
    ];
  });
}

function requireFit(id: bigint, terms: CouponTerms, question: QuestionSnapshot, mustStack: boolean): void {
  if (terms.scope !== CouponScope.LINE) {
    throw wrongCoupon(id, "type");
  }
  if (mustStack && !terms.stackable) {
    throw wrongCoupon(id, "stacking");
  }
  const fits = (target: bigint, ...actual: bigint[]) => target === 0n || actual.includes(target);
  if (
    !fits(terms.targetQuestionId, question.questionId) ||
    !fits(terms.targetCreatorId, question.creatorId) ||
    !fits(terms.targetCategoryId, question.categoryId, question.parentCategoryId)
  ) {
    throw wrongCoupon(id, "target");
  }
}

/** What the coupon for the whole purchase takes off. Throws WRONG_COUPON. */
export function discountPurchase(id: bigint, subtotal: bigint, findCoupon: FindCoupon): CouponDiscount[] {
  if (id === 0n) {
    return [];
  }
  const { terms } = findCoupon(id);
  if (terms.scope !== CouponScope.PURCHASE) {
    throw wrongCoupon(id, "type");
  }
  const discountPoints = min(discountOf(id, terms, subtotal), subtotal);
  return [{ userCouponId: id, title: terms.title, scope: terms.scope, questionId: 0n, discountPoints }];
}

function discountOf(id: bigint, terms: CouponTerms, base: bigint): bigint {
  if (base < terms.minimumPoints) {
    throw wrongCoupon(id, "minimum");
  }
  const discount = terms.kind === DiscountKind.FIXED ? terms.value : (base * terms.value) / 100n;
  return terms.maximumDiscountPoints === 0n ? discount : min(discount, terms.maximumDiscountPoints);
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
