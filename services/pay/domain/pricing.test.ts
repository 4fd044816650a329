import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect } from "chai";
import {
  CouponScope,
  type CouponTermsSchema,
  DiscountKind,
  type UserCoupon,
  UserCouponSchema,
} from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { BasketSchema } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import {
  type QuestionSnapshot,
  QuestionSnapshotSchema,
} from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { couponsOf, priceBasket } from "./pricing.ts";

type Terms = MessageInitShape<typeof CouponTermsSchema>;

const fixed = (value: number, more: Terms = {}): Terms => ({
  kind: DiscountKind.FIXED,
  value: BigInt(value),
  ...more,
});
const percent = (value: number, more: Terms = {}): Terms => ({
  ...fixed(value, more),
  kind: DiscountKind.PERCENT,
});
const stackable = (terms: Terms): Terms => ({ ...terms, stackable: true });

interface Line {
  price?: number;
  /** The price under a promotion. */
  sale?: number;
  coupon?: Terms;
  second?: Terms;
}

// Ids follow the place in the basket: question 10 + index, first coupon 100 + index, second 200 + index, for the
// purchase 300.
function priced(lines: readonly Line[], purchase?: Terms) {
  const coupons: UserCoupon[] = [];
  const issue = (id: number, scope: CouponScope, terms: Terms | undefined) => {
    if (terms === undefined) {
      return 0n;
    }
    coupons.push(create(UserCouponSchema, { userCouponId: BigInt(id), terms: { scope, ...terms } }));
    return BigInt(id);
  };
  const basket = create(BasketSchema, {
    lines: lines.map(({ coupon, second }, index) => ({
      questionId: BigInt(10 + index),
      userCouponId: issue(100 + index, CouponScope.LINE, coupon),
      stackableUserCouponId: issue(200 + index, CouponScope.LINE, second),
    })),
    purchaseUserCouponId: issue(300, CouponScope.PURCHASE, purchase),
  });
  const price = priceBasket(basket, lines.map(snapshot), coupons);
  return {
    ...price,
    amount: Number(price.amountPoints),
    lineAmounts: price.lines.map(line => Number(line.amountPoints)),
    taken: price.discounts.map(discount => Number(discount.discountPoints)),
  };
}

function snapshot({ price = 10_000, sale = price }: Line, index: number): QuestionSnapshot {
  return create(QuestionSnapshotSchema, {
    questionId: BigInt(10 + index),
    creatorId: 5n,
    categoryId: 2n,
    parentCategoryId: 1n,
    pricePoints: BigInt(price),
    offerPricePoints: BigInt(sale),
  });
}

function misfit(lines: readonly Line[], purchase?: Terms) {
  try {
    priced(lines, purchase);
  } catch (error) {
    expect(error).to.be.instanceOf(Failure);
    return (error as Failure).metadata;
  }
  return undefined;
}

const prices = (what: string, lines: readonly Line[], amount: number, purchase?: Terms) =>
  it(`prices ${what}`, () => {
    expect(priced(lines, purchase).amount).to.equal(amount);
  });

describe("pricing by example", () => {
  const three = [{}, {}, {}];
  const thousand = fixed(1_000);
  const two = { coupon: thousand, second: stackable(thousand) };

  prices("lines without any discount", three, 30_000);
  prices("a promotion", [{ sale: 7_000 }, {}], 17_000);
  prices("a fixed coupon", [{ coupon: thousand }], 9_000);
  prices("two fixed coupons", [two], 8_000);
  prices("percentages of one base", [{ coupon: percent(10), second: stackable(percent(20)) }], 7_000);
  prices("a percentage next to points", [{ coupon: percent(10), second: stackable(fixed(3_000)) }], 6_000);
  prices("a capped percentage", [{ coupon: percent(40, { maximumDiscountPoints: 100n }) }], 9_900);
  prices("a capped fixed coupon", [{ coupon: fixed(500, { maximumDiscountPoints: 300n }) }], 9_700);
  prices("points off the purchase", three, 27_000, fixed(3_000));
  prices("a percentage off the purchase", three, 21_000, percent(30));
  prices("everything at once", [{ sale: 7_000, ...two }], 4_000, thousand);
  prices("a percentage of a sale price", [{ sale: 5_000, coupon: percent(10) }], 4_500);
  prices("a purchase coupon after line coupons", [{ coupon: fixed(5_000) }, {}], 13_500, percent(10));
  prices("half of an odd price, rounded up", [{ price: 199, coupon: percent(50) }], 100);
  prices("a gift", [{ coupon: percent(100) }], 0);
  prices("a coupon larger than the purchase", [{}], 0, fixed(1_000_000));

  it("records only what a coupon actually takes off", () => {
    const { amount, taken, lineAmounts } = priced(
      [{ price: 1_000, coupon: fixed(700), second: stackable(fixed(700)) }, {}],
      fixed(9_500),
    );
    expect({ amount, taken, lineAmounts }).to.deep.equal({
      amount: 500,
      taken: [700, 300, 9_500],
      lineAmounts: [0, 10_000],
    });
  });

  it("names the line of each discount, in the order in which coupons are held", () => {
    const lines = [{}, { coupon: fixed(1), second: stackable(fixed(2)) }, { coupon: fixed(3) }];
    const { discounts } = priced(lines, fixed(4));
    expect(discounts.map(each => [each.userCouponId, each.questionId])).to.deep.equal([
      [101n, 11n],
      [201n, 11n],
      [102n, 12n],
      [300n, 0n],
    ]);
    const basket = create(BasketSchema, {
      lines: [
        { questionId: 1n, stackableUserCouponId: 7n },
        { questionId: 2n, userCouponId: 8n },
      ],
      purchaseUserCouponId: 9n,
    });
    expect(couponsOf(basket)).to.deep.equal([7n, 8n, 9n]);
  });
});

const refuses = (cause: string, id: string, lines: readonly Line[], purchase?: Terms) =>
  it(`is refused for its ${cause}`, () => {
    expect(misfit(lines, purchase)).to.deep.equal({ user_coupon_id: id, cause });
  });

describe("a coupon that does not fit", () => {
  refuses("type", "100", [{ coupon: fixed(1, { scope: CouponScope.PURCHASE }) }]);
  refuses("type", "300", [{}], fixed(1, { scope: CouponScope.LINE }));
  refuses("stacking", "200", [{ coupon: fixed(1), second: fixed(1) }]);
  refuses("stacking", "200", [{ second: fixed(1) }]);
  refuses("target", "100", [{ coupon: fixed(1, { targetQuestionId: 11n }) }, {}]);
  refuses("target", "100", [{ coupon: fixed(1, { targetCreatorId: 6n }) }]);
  refuses("target", "100", [{ coupon: fixed(1, { targetCategoryId: 3n }) }]);
  refuses("minimum", "100", [{ sale: 999, coupon: fixed(1, { minimumPoints: 1_000n }) }]);
  refuses("minimum", "300", [{ coupon: fixed(1) }], fixed(1, { minimumPoints: 10_000n }));

  refuses("no_discount", "100", [{ price: 100, sale: 9, coupon: percent(10) }]);
  refuses("no_discount", "100", [{ sale: 0, coupon: fixed(1_000) }]);
  refuses("no_discount", "200", [{ coupon: percent(100), second: stackable(percent(100)) }]);
  refuses("no_discount", "100", [{ coupon: fixed(1_000), second: stackable(percent(100)) }]);
  refuses("no_discount", "300", [{ coupon: percent(100) }], fixed(1_000));
  refuses("no_discount", "101", [{}, { coupon: fixed(1_000) }], fixed(1_000_000));

  it("is refused when it is named twice", () => {
    const basket = create(BasketSchema, {
      lines: [{ questionId: 10n, userCouponId: 100n }],
      purchaseUserCouponId: 100n,
    });
    expect(() => priceBasket(basket, [snapshot({}, 0)], []))
      .to.throw(Failure)
      .with.deep.property("metadata", { user_coupon_id: "100", cause: "repeated" });
  });

  it("fits where every target is met and the minimum is reached exactly", () => {
    const targets = {
      targetQuestionId: 10n,
      targetCreatorId: 5n,
      targetCategoryId: 2n,
      minimumPoints: 10_000n,
    };
    expect(priced([{ coupon: stackable(fixed(1, targets)) }]).amount).to.equal(9_999);
    expect(priced([{ coupon: fixed(1, { targetCategoryId: 1n }) }]).amount).to.equal(9_999);
  });

  it("may stack with any line coupon before it, and alone in the first place", () => {
    expect(priced([{ coupon: stackable(fixed(1)), second: stackable(fixed(2)) }]).amount).to.equal(9_997);
  });
});
