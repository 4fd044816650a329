import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import {
  CouponScope,
  type CouponTerms,
  CouponTermsSchema,
  DiscountKind,
  UserCouponSchema,
} from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { BasketSchema } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { QuestionSnapshotSchema } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { type Price, priceBasket } from "./pricing.ts";

const points = (min: number, max: number) => fc.integer({ min, max }).map(BigInt);

// Coupons that fit any line.
const terms = (scope: CouponScope) =>
  fc
    .oneof(
      fc.record({ kind: fc.constant(DiscountKind.FIXED), value: points(1, 1_000_000) }),
      fc.record({ kind: fc.constant(DiscountKind.PERCENT), value: points(1, 100) }),
    )
    .chain(({ kind, value }) =>
      fc.oneof(fc.constant(0n), points(1, 1_000_000)).map(maximumDiscountPoints =>
        create(CouponTermsSchema, {
          scope,
          kind,
          value,
          maximumDiscountPoints,
          stackable: scope === CouponScope.LINE,
        }),
      ),
    );

const lineTerms = fc.option(terms(CouponScope.LINE), { nil: undefined });

const line = fc
  .record({
    pricePoints: points(100, 1_000_000),
    salePercent: points(0, 100),
    first: lineTerms,
    second: lineTerms,
  })
  .map(({ salePercent, ...rest }) => ({
    ...rest,
    offerPricePoints: (rest.pricePoints * salePercent) / 100n,
  }));

const pricingInput = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 50 }),
  purchase: fc.option(terms(CouponScope.PURCHASE), { nil: undefined }),
});

type PricingInput = typeof pricingInput extends fc.Arbitrary<infer T> ? T : never;

function priceOf({ lines, purchase }: PricingInput): Price {
  let lastId = 0n;
  const coupons: { userCouponId: bigint; terms: CouponTerms }[] = [];
  const issue = (given: CouponTerms | undefined) => {
    if (given === undefined) {
      return 0n;
    }
    lastId += 1n;
    coupons.push({ userCouponId: lastId, terms: given });
    return lastId;
  };
  const basket = create(BasketSchema, {
    lines: lines.map(({ first, second }, index) => ({
      questionId: BigInt(index + 1),
      userCouponId: issue(first),
      stackableUserCouponId: issue(second),
    })),
    purchaseUserCouponId: issue(purchase),
  });
  const questions = lines.map(({ pricePoints, offerPricePoints }, index) =>
    create(QuestionSnapshotSchema, { questionId: BigInt(index + 1), pricePoints, offerPricePoints }),
  );
  return priceBasket(
    basket,
    questions,
    coupons.map(coupon => create(UserCouponSchema, coupon)),
  );
}

const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
const down = (value: bigint) => (value < 0n ? 0n : value);

// What a coupon promises, in the words of the contract and apart from the code under test.
function promised(given: CouponTerms | undefined, base: bigint): bigint {
  if (given === undefined) {
    return 0n;
  }
  const raw =
    given.kind === DiscountKind.FIXED
      ? given.value
      : (base * given.value - ((base * given.value) % 100n)) / 100n;
  const cap = given.maximumDiscountPoints;
  return cap !== 0n && raw > cap ? cap : raw;
}

function promisedAmounts({ lines, purchase }: PricingInput): { lines: bigint[]; whole: bigint } {
  const amounts = lines.map(({ offerPricePoints: base, first, second }) =>
    down(base - promised(first, base) - promised(second, base)),
  );
  const subtotal = sum(amounts);
  return { lines: amounts, whole: down(subtotal - promised(purchase, subtotal)) };
}

// The same input without one of its coupons, for each of them.
function* withoutOne(given: PricingInput): Generator<PricingInput> {
  if (given.purchase !== undefined) {
    yield { ...given, purchase: undefined };
  }
  for (const [index, each] of given.lines.entries()) {
    for (const slot of ["first", "second"] as const) {
      if (each[slot] !== undefined) {
        yield { ...given, lines: given.lines.with(index, { ...each, [slot]: undefined }) };
      }
    }
  }
}

const withoutUseless = (given: PricingInput) =>
  [...withoutOne(given)].find(less => promisedAmounts(less).whole === promisedAmounts(given).whole);

// Without the coupons that would be used up for nothing, so that a price exists.
function usefulOnly(given: PricingInput): PricingInput {
  const less = withoutUseless(given);
  return less === undefined ? given : usefulOnly(less);
}

const holds = (property: (given: PricingInput) => void, input = pricingInput.map(usefulOnly)) =>
  fc.assert(fc.property(input, property), { numRuns: 300 });

describe("a price", () => {
  it("lies between nothing and the list prices, in every line and in the whole", () => {
    holds(given => {
      const { lines, originalPoints, amountPoints } = priceOf(given);
      for (const each of [...lines, { originalPoints, amountPoints }]) {
        expect(each.amountPoints >= 0n && each.amountPoints <= each.originalPoints).to.equal(true);
      }
    });
  });

  it("is the list prices less the promotions less what the coupons actually take off", () => {
    holds(given => {
      const { lines, discounts, originalPoints, amountPoints } = priceOf(given);
      const promotions = sum(lines.map(each => each.promotionDiscountPoints));
      const coupons = sum(discounts.map(each => each.discountPoints));
      expect(amountPoints).to.equal(originalPoints - promotions - coupons);
      expect(discounts.every(each => each.discountPoints >= 0n)).to.equal(true);
      for (const each of lines) {
        const own = discounts.filter(discount => discount.questionId === each.questionId);
        expect(each.couponDiscountPoints).to.equal(sum(own.map(discount => discount.discountPoints)));
        expect(each.amountPoints).to.equal(
          each.originalPoints - each.promotionDiscountPoints - each.couponDiscountPoints,
        );
      }
    });
  });

  it("takes off exactly what the coupons promise, down to nothing", () => {
    holds(given => {
      const { lines, amountPoints } = priceOf(given);
      const expected = promisedAmounts(given);
      expect(lines.map(each => each.amountPoints)).to.deep.equal(expected.lines);
      expect(amountPoints).to.equal(expected.whole);
    });
  });

  it("is refused exactly where a coupon could be left out at no cost", () => {
    holds(given => {
      const price = () => priceOf(given);
      if (withoutUseless(given) === undefined) {
        expect(price).not.to.throw();
      } else {
        expect(price).to.throw(Failure).with.nested.property("metadata.cause", "no_discount");
      }
    }, pricingInput);
  });

  it("does not depend on which of two stackable coupons comes first", () => {
    holds(given => {
      const swapped = given.lines.map(each => ({ ...each, first: each.second, second: each.first }));
      expect(priceOf({ ...given, lines: swapped }).amountPoints).to.equal(priceOf(given).amountPoints);
    });
  });

  it("has one discount for every coupon in the basket", () => {
    holds(given => {
      const { discounts } = priceOf(given);
      const named = given.lines.flatMap(each => [each.first, each.second]).concat(given.purchase);
      expect(discounts.length).to.equal(named.filter(each => each !== undefined).length);
      expect(new Set(discounts.map(each => each.userCouponId)).size).to.equal(discounts.length);
    });
  });
});
