import {
  CouponScope,
  type CouponTerms,
  DiscountKind,
  type UserCoupon,
} from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import type { Basket, PurchaseLine } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import type { QuestionSnapshot } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import type { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { wrongCoupon } from "../failures.ts";

/**
 * A question as it was priced. Stored with a purchase; the contract's PricedLine and the event's PurchasedLine are
 * made from it.
 */
export interface PricedLine {
  readonly questionId: bigint;
  readonly version: number;
  readonly title: string;
  readonly creatorId: bigint;
  readonly creatorName: string;
  readonly subject: Subject;
  readonly categoryId: bigint;
  readonly parentCategoryTitle: string;
  readonly categoryTitle: string;
  readonly level: number;
  readonly originalPoints: bigint;
  /** 0 for none. */
  readonly promotionId: bigint;
  readonly promotionTitle: string;
  readonly promotionDiscountPoints: bigint;
  readonly couponDiscountPoints: bigint;
  /** Before the coupon for the whole purchase. */
  readonly amountPoints: bigint;
}

/** What one coupon takes off; `questionId` is 0 for the whole purchase. */
export interface CouponDiscount {
  readonly userCouponId: bigint;
  readonly title: string;
  readonly scope: CouponScope;
  readonly questionId: bigint;
  readonly discountPoints: bigint;
}

/** What a purchase costs, and why. */
export interface Price {
  readonly lines: readonly PricedLine[];
  readonly discounts: readonly CouponDiscount[];
  readonly originalPoints: bigint;
  readonly amountPoints: bigint;
}

/**
 * Prices a basket. Both coupons of a line are computed from its price after promotion; the coupon for the whole
 * purchase from the sum of the lines. A discount never exceeds what is left to pay, and only what it actually takes
 * off is recorded. Throws WRONG_COUPON.
 */
export function priceBasket(
  basket: Pick<Basket, "lines" | "purchaseUserCouponId">,
  questions: readonly QuestionSnapshot[],
  coupons: readonly UserCoupon[],
): Price {
  const findCoupon = couponFinder(basket, coupons);
  const discounts: CouponDiscount[] = [];
  const lines = basket.lines.map((line, index) => {
    const question = questions[index];
    if (question === undefined || question.questionId !== line.questionId) {
      throw new TypeError("a quote answers in the order of the request");
    }
    const taken = discountLine(line, question, findCoupon);
    discounts.push(...taken);
    return priceLine(question, sum(taken.map(discount => discount.discountPoints)));
  });
  const subtotal = sum(lines.map(line => line.amountPoints));
  const purchaseDiscounts = discountPurchase(basket.purchaseUserCouponId, subtotal, findCoupon);
  discounts.push(...purchaseDiscounts);
  return {
    lines,
    discounts,
    originalPoints: sum(lines.map(line => line.originalPoints)),
    amountPoints: subtotal - sum(purchaseDiscounts.map(discount => discount.discountPoints)),
  };
}

/** The user coupons that a basket names, in the order of its lines. */
export function couponsOf({
  lines,
  purchaseUserCouponId,
}: Pick<Basket, "lines" | "purchaseUserCouponId">): bigint[] {
  const named = lines.flatMap(line => [line.userCouponId, line.stackableUserCouponId]);
  return [...named, purchaseUserCouponId].filter(id => id !== 0n);
}

type FindCoupon = (userCouponId: bigint) => UserCoupon & { terms: CouponTerms };

function couponFinder(
  basket: Pick<Basket, "lines" | "purchaseUserCouponId">,
  coupons: readonly UserCoupon[],
): FindCoupon {
  const named = couponsOf(basket);
  const repeated = named.find((id, index) => named.indexOf(id) !== index);
  if (repeated !== undefined) {
    throw wrongCoupon(repeated, "repeated");
  }
  return id => {
    const coupon = coupons.find(candidate => candidate.userCouponId === id);
    if (coupon?.terms === undefined) {
      throw new TypeError("terms were asked for every coupon");
    }
    return { ...coupon, terms: coupon.terms };
  };
}

function discountLine(
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
  const fits = (target: bigint, actual: bigint) => target === 0n || target === actual;
  if (
    !fits(terms.targetQuestionId, question.questionId) ||
    !fits(terms.targetCreatorId, question.creatorId) ||
    !fits(terms.targetCategoryId, question.categoryId)
  ) {
    throw wrongCoupon(id, "target");
  }
}

function discountPurchase(id: bigint, subtotal: bigint, findCoupon: FindCoupon): CouponDiscount[] {
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

function priceLine(question: QuestionSnapshot, couponDiscountPoints: bigint): PricedLine {
  const { $typeName: _, $unknown: __, pricePoints, offerPricePoints, ...snapshot } = question;
  return {
    ...snapshot,
    originalPoints: pricePoints,
    promotionDiscountPoints: pricePoints - offerPricePoints,
    couponDiscountPoints,
    amountPoints: offerPricePoints - couponDiscountPoints,
  };
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
