import { expect } from "chai";
import { CouponScope, DiscountKind } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { PaymentService, PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { UserAdminService } from "#gen/questioncloud/user/v1/user_admin_pb.ts";
import { type Buyer, createMarket, type Market, purchaseRequest } from "../support/market/market.ts";
import { walletAfterEvents } from "../support/market/purchase-runs.ts";
import { categories } from "../support/market/questions.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("buying questions", () => {
  let market: Market;
  let first: bigint;
  let second: bigint;

  before(async () => {
    market = await createMarket(await sharedStack());
    [first = 0n, second = 0n] = market.questionIds;
  });

  const reasonFor = async (call: Promise<unknown>) => (await refusalOf(call)).reason;
  const walletOf = async (buyer: Buyer) => (await buyer.points.getWallet({})).wallet;
  const ownedBy = async (buyer: Buyer) =>
    (await buyer.library.listOwnedQuestions({})).questions.map(owned => owned.questionId);

  it("quotes promotion and coupons, and holds nothing", async () => {
    const promoted = await market.publishQuestion({ title: "삼각함수", pricePoints: 8_000n });
    const promotionId = await market.promote(promoted, 6_000n);
    const buyer = await market.createBuyer();
    const line = await market.giveCoupon(buyer, { title: "한 줄", targetCategoryId: categories.parent });
    const whole = await market.giveCoupon(buyer, {
      scope: CouponScope.PURCHASE,
      kind: DiscountKind.PERCENT,
      value: 10n,
    });
    const { basket } = purchaseRequest([{ questionId: promoted, userCouponId: line }, first], {}, whole);
    const { quote } = await buyer.pay.quotePurchase({ basket });
    expect(quote).to.include({ originalPoints: 18_000n, amountPoints: 13_500n });
    expect(quote?.lines[0]).to.deep.include({
      questionId: promoted,
      title: "삼각함수",
      creatorId: market.creator.creatorId,
      creatorName: market.creator.name,
      parentCategoryTitle: "수1",
      categoryTitle: "지수와 로그",
      originalPoints: 8_000n,
      promotionId,
      promotionTitle: "할인",
      promotionDiscountPoints: 2_000n,
      couponDiscountPoints: 1_000n,
      amountPoints: 5_000n,
    });
    expect(quote?.discounts.map(each => [each.userCouponId, each.discountPoints])).to.deep.equal([
      [line, 1_000n],
      [whole, 1_500n],
    ]);
    expect((await buyer.coupons.listUserCoupons({})).coupons).to.have.length(2);
  });

  it("takes the points, uses the coupons and grants the questions at once", async () => {
    const buyer = await market.createBuyer(30_000n);
    const userCouponId = await market.giveCoupon(buyer);
    const request = purchaseRequest([{ questionId: first, userCouponId }, second], {
      expectedAmountPoints: 19_000n,
    });
    const { purchase } = await buyer.pay.purchaseQuestions(request);
    expect(purchase).to.include({
      requestId: request.requestId,
      state: PurchaseState.PAID,
      cancelReason: "",
    });
    expect(purchase?.quote).to.include({ originalPoints: 20_000n, amountPoints: 19_000n });
    expect(await ownedBy(buyer)).to.have.members([first, second]);
    expect(await walletOf(buyer)).to.include({ balancePoints: 11_000n });
    expect(await walletAfterEvents(buyer)).to.include({ balancePoints: 11_000n });
    expect((await buyer.coupons.listUserCoupons({})).coupons).to.deep.equal([]);

    const { purchaseId = "" } = purchase ?? {};
    for (const by of [
      { case: "purchaseId", value: purchaseId },
      { case: "requestId", value: request.requestId },
    ] as const) {
      expect((await buyer.pay.getPurchase({ by })).purchase).to.deep.equal(purchase);
      const other = await market.createBuyer();
      expect(await reasonFor(other.pay.getPurchase({ by }))).to.equal("NOT_FOUND");
    }
  });

  it("grants free questions to a buyer without a wallet", async () => {
    const buyer = await market.createBuyer();
    const userCouponId = await market.giveCoupon(buyer, { kind: DiscountKind.PERCENT, value: 100n });
    const request = purchaseRequest([{ questionId: first, userCouponId }], { expectedAmountPoints: 0n });
    const { purchase } = await buyer.pay.purchaseQuestions(request);
    expect([purchase?.state, purchase?.quote?.amountPoints]).to.deep.equal([PurchaseState.PAID, 0n]);
    expect(await ownedBy(buyer)).to.deep.equal([first]);
    expect((await buyer.points.listLedgerEntries({})).entries).to.deep.equal([]);
  });

  it("refuses requests that violate the contract", async () => {
    const { pay } = await market.createBuyer();
    const requests = [
      purchaseRequest([]),
      purchaseRequest([first, first]),
      purchaseRequest([0n]),
      purchaseRequest([first], { requestId: "twice" }),
      purchaseRequest([first], { expectedAmountPoints: -1n }),
      purchaseRequest([{ questionId: first, userCouponId: -1n }]),
      { ...purchaseRequest([first]), basket: undefined as never },
    ];
    for (const request of requests) {
      expect(await reasonFor(pay.purchaseQuestions(request))).to.equal("BAD_REQUEST");
    }
    expect(await reasonFor(pay.getPurchase({}))).to.equal("BAD_REQUEST");
    const by = { case: "purchaseId", value: crypto.randomUUID() } as const;
    expect(await reasonFor(pay.getPurchase({ by }))).to.equal("NOT_FOUND");
  });

  it("refuses without consent and at a price other than the one the buyer saw", async () => {
    const buyer = await market.createBuyer(20_000n);
    expect(
      await reasonFor(
        buyer.pay.purchaseQuestions(purchaseRequest([first], { consentToImmediateUse: false })),
      ),
    ).to.equal("CONSENT_REQUIRED");
    const { reason, metadata } = await refusalOf(
      buyer.pay.purchaseQuestions(purchaseRequest([first], { expectedAmountPoints: 9_999n })),
    );
    expect([reason, metadata]).to.deep.equal(["PRICE_CHANGED", { amount_points: "10000" }]);
    expect(await walletOf(buyer)).to.include({ balancePoints: 20_000n, heldPoints: 0n });
  });

  it("refuses questions that are owned, the buyer's own, deleted, unpublished or unknown", async () => {
    const deleted = await market.publishQuestion();
    await market.creator.authoring.deleteQuestion({ questionId: deleted });
    const buyer = await market.createBuyer(50_000n);
    await buyer.pay.purchaseQuestions(purchaseRequest([first]));
    const creator = createPublicClient(market.stack, PaymentService, { token: market.creator.token });
    const cases = [
      { pay: buyer.pay, questionId: first, reason: "ALREADY_OWN_QUESTION" },
      { pay: creator, questionId: first, reason: "OWN_QUESTION" },
      { pay: buyer.pay, questionId: deleted, reason: "UNAVAILABLE_QUESTION" },
      { pay: buyer.pay, questionId: 10n ** 15n, reason: "UNAVAILABLE_QUESTION" },
    ];
    for (const { pay, questionId, reason } of cases) {
      const request = purchaseRequest([second, questionId]);
      expect(await reasonFor(pay.purchaseQuestions(request)), reason).to.equal(reason);
      const { basket } = purchaseRequest([questionId]);
      const refused = await refusalOf(pay.quotePurchase({ basket }));
      expect([refused.reason, refused.metadata.question_id]).to.deep.equal([reason, String(questionId)]);
    }
    expect(await walletOf(buyer)).to.include({ balancePoints: 40_000n, heldPoints: 0n });
  });

  it("refuses coupons that are another's, misplaced or used", async () => {
    const buyer = await market.createBuyer(50_000n);
    const other = await market.createBuyer();
    const [mine, foreign, elsewhere] = [
      await market.giveCoupon(buyer),
      await market.giveCoupon(other),
      await market.giveCoupon(buyer, { targetQuestionId: second }),
    ];
    const causeOf = async (request: ReturnType<typeof purchaseRequest>) => {
      const answers = [
        buyer.pay.quotePurchase({ basket: request.basket }),
        buyer.pay.purchaseQuestions(request),
      ];
      const refused = await Promise.all(answers.map(refusalOf));
      return refused.map(({ reason, metadata }) => `${reason} ${metadata.cause}`);
    };
    const both = (cause: string) => [`WRONG_COUPON ${cause}`, `WRONG_COUPON ${cause}`];
    expect(await causeOf(purchaseRequest([{ questionId: first, userCouponId: foreign }]))).to.deep.equal(
      both("unknown"),
    );
    expect(await causeOf(purchaseRequest([{ questionId: first, userCouponId: elsewhere }]))).to.deep.equal(
      both("target"),
    );
    expect(await causeOf(purchaseRequest([first], {}, mine))).to.deep.equal(both("type"));
    await buyer.pay.purchaseQuestions(purchaseRequest([{ questionId: first, userCouponId: mine }]));
    expect(await causeOf(purchaseRequest([{ questionId: second, userCouponId: mine }]))).to.deep.equal(
      both("used"),
    );
  });

  it("refuses a coupon that would be used up for nothing, and leaves it free", async () => {
    const buyer = await market.createBuyer(50_000n);
    const wholeLine = await market.giveCoupon(buyer, { kind: DiscountKind.PERCENT, value: 100n });
    const useless = await market.giveCoupon(buyer, { stackable: true });
    const line = { questionId: first, userCouponId: wholeLine, stackableUserCouponId: useless };
    const request = purchaseRequest([line]);
    const refusals = [
      buyer.pay.quotePurchase({ basket: request.basket }),
      buyer.pay.purchaseQuestions(request),
    ].map(refusalOf);
    for (const { reason, metadata } of await Promise.all(refusals)) {
      expect({ reason, ...metadata }).to.deep.equal({
        reason: "WRONG_COUPON",
        user_coupon_id: String(useless),
        cause: "no_discount",
      });
    }
    const bought = await buyer.pay.purchaseQuestions(
      purchaseRequest([{ questionId: first, userCouponId: wholeLine }]),
    );
    expect(bought.purchase?.quote?.amountPoints).to.equal(0n);
    await buyer.pay.purchaseQuestions(purchaseRequest([{ questionId: second, userCouponId: useless }]));
  });

  it("refuses a banned buyer whose token is still valid", async () => {
    const buyer = await market.createBuyer(10_000n);
    const admin = createPublicClient(market.stack, UserAdminService, { token: market.admin.token });
    await admin.banUser({ userId: buyer.userId, reason: "for a test" });
    expect(await reasonFor(buyer.pay.purchaseQuestions(purchaseRequest([first])))).to.equal(
      "NOT_ACTIVE_USER",
    );
    expect(await walletOf(buyer)).to.include({ balancePoints: 10_000n });
  });

  it("leaves no trace where there are too few points, and may be requested again", async () => {
    const buyer = await market.createBuyer(9_000n);
    const userCouponId = await market.giveCoupon(buyer, { value: 500n });
    const request = purchaseRequest([{ questionId: first, userCouponId }]);
    const refused = await refusalOf(buyer.pay.purchaseQuestions(request));
    expect(refused.reason).to.equal("NOT_ENOUGH_POINT");
    const by = { case: "requestId", value: request.requestId } as const;
    const { purchase } = await buyer.pay.getPurchase({ by });
    expect(purchase).to.include({ state: PurchaseState.CANCELLED, cancelReason: "NOT_ENOUGH_POINT" });
    expect(refused.metadata).to.include({
      purchase_id: purchase?.purchaseId,
      required: "9500",
      available: "9000",
    });
    expect(await walletOf(buyer)).to.include({ balancePoints: 9_000n, heldPoints: 0n });
    expect(await ownedBy(buyer)).to.deep.equal([]);

    await market.givePoints(buyer.userId, 1_000n);
    expect(await refusalOf(buyer.pay.purchaseQuestions(request))).to.deep.equal(refused);
    const again = await buyer.pay.purchaseQuestions({ ...request, requestId: crypto.randomUUID() });
    expect(again.purchase?.state).to.equal(PurchaseState.PAID);
  });
});
