import type { UserCoupon } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import type { Basket } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import type { QuestionSnapshot } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import type { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { wrongCoupon } from "../failures.ts";
import { type CouponDiscount, discountLine, discountPurchase, type FindCoupon } from "./coupon-discounts.ts";

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
  readonly parentCategoryId: bigint;
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
 * off is recorded. Throws WRONG_COUPON, also for a coupon without which the purchase would cost the same: it would be
 * used up for nothing.
 */
export function priceBasket(
  basket: CouponedBasket,
  questions: readonly QuestionSnapshot[],
  coupons: readonly UserCoupon[],
): Price {
  const price = applyCoupons(basket, questions, coupons);
  const useless = couponsOf(basket).findLast(
    id => applyCoupons(without(basket, id), questions, coupons).amountPoints === price.amountPoints,
  );
  if (useless !== undefined) {
    throw wrongCoupon(useless, "no_discount");
  }
  return price;
}

type CouponedBasket = Pick<Basket, "lines" | "purchaseUserCouponId">;

function applyCoupons(
  basket: CouponedBasket,
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

function without({ lines, purchaseUserCouponId }: CouponedBasket, userCouponId: bigint): CouponedBasket {
  const others = (id: bigint) => (id === userCouponId ? 0n : id);
  return {
    lines: lines.map(line => ({
      ...line,
      userCouponId: others(line.userCouponId),
      stackableUserCouponId: others(line.stackableUserCouponId),
    })),
    purchaseUserCouponId: others(purchaseUserCouponId),
  };
}

/** The user coupons that a basket names, in the order of its lines. */
export function couponsOf({ lines, purchaseUserCouponId }: CouponedBasket): bigint[] {
  const named = lines.flatMap(line => [line.userCouponId, line.stackableUserCouponId]);
  return [...named, purchaseUserCouponId].filter(id => id !== 0n);
}

function couponFinder(basket: CouponedBasket, coupons: readonly UserCoupon[]): FindCoupon {
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
