import { expect } from "chai";
import { PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { type Buyer, createMarket, type Market, purchaseRequest } from "../support/market/market.ts";
import { walletAfterEvents } from "../support/market/purchase-runs.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { holdLock, stopAtWallet, stopBeforeOpen } from "../support/stack/locks.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

describe("repeated and concurrent purchase requests", () => {
  let market: Market;
  let first: bigint;
  let second: bigint;

  before(async () => {
    market = await createMarket(await sharedStack());
    [first = 0n, second = 0n] = market.questionIds;
  });

  const reasonFor = async (call: Promise<unknown>) => (await refusalOf(call)).reason;
  const balanceOf = async (buyer: Buyer) => (await walletAfterEvents(buyer)).balancePoints;
  const paidBy = async (buyer: Buyer, request: { requestId: string }) => {
    const by = { case: "requestId", value: request.requestId } as const;
    return until(async () => {
      const { purchase } = await buyer.pay.getPurchase({ by });
      return purchase?.state === PurchaseState.PAID && purchase;
    }, "the purchase was paid");
  };

  it("answers the same request with the same purchase, however much later", async () => {
    const buyer = await market.createBuyer(30_000n);
    const request = purchaseRequest([first]);
    const answer = await buyer.pay.purchaseQuestions(request);
    expect(await buyer.pay.purchaseQuestions(request)).to.deep.equal(answer);
    const by = { case: "requestId", value: request.requestId } as const;
    expect((await buyer.pay.getPurchase({ by })).purchase).to.deep.equal(answer.purchase);
    expect(await balanceOf(buyer)).to.equal(20_000n);
  });

  it("answers the same request with the same purchase where its ids come in capitals", async () => {
    const buyer = await market.createBuyer(30_000n);
    const request = purchaseRequest([first]);
    const requestId = request.requestId.toUpperCase();
    const { purchase } = await buyer.pay.purchaseQuestions({ ...request, requestId });
    expect((await buyer.pay.purchaseQuestions(request)).purchase).to.deep.equal(purchase);
    const purchaseId = purchase?.purchaseId.toUpperCase() ?? "";
    for (const by of [
      { case: "requestId", value: requestId },
      { case: "purchaseId", value: purchaseId },
    ] as const) {
      expect((await buyer.pay.getPurchase({ by })).purchase).to.deep.equal(purchase);
    }
    expect(await balanceOf(buyer)).to.equal(20_000n);
  });

  it("buys once where one request is sent twenty times at once", async () => {
    const buyer = await market.createBuyer(30_000n);
    const request = purchaseRequest([first, second]);
    const results = await Promise.all(Array.from({ length: 20 }, () => buyer.pay.purchaseQuestions(request)));
    const purchase = await paidBy(buyer, request);
    expect(results.map(({ purchase }) => purchase)).to.deep.equal(results.map(() => purchase));
    expect(await balanceOf(buyer)).to.equal(10_000n);
  });

  it("buys once where twenty requests want the same question", async () => {
    const buyer = await market.createBuyer(1_000_000n);
    const requests = Array.from({ length: 20 }, () => purchaseRequest([first]));
    const results = await Promise.allSettled(requests.map(request => buyer.pay.purchaseQuestions(request)));
    const refused = results.filter(result => result.status === "rejected");
    expect(results.length - refused.length).to.equal(1);
    const reasons = await Promise.all(refused.map(each => reasonFor(Promise.reject(each.reason))));
    expect(
      reasons.every(each => each === "PURCHASE_IN_PROGRESS" || each === "ALREADY_OWN_QUESTION"),
    ).to.equal(true);
    expect(await balanceOf(buyer)).to.equal(990_000n);
  });

  it("refuses a different request under a used request id, which is scoped to the buyer", async () => {
    const buyer = await market.createBuyer(50_000n);
    const request = purchaseRequest([first]);
    await buyer.pay.purchaseQuestions(request);
    const others = [
      { ...request, ...purchaseRequest([second], { requestId: request.requestId }) },
      { ...request, expectedAmountPoints: 10_000n },
    ];
    for (const other of others) {
      expect(await reasonFor(buyer.pay.purchaseQuestions(other))).to.equal("IDEMPOTENCY_KEY_REUSED");
    }
    const somebodyElse = await market.createBuyer(50_000n);
    const { purchase } = await somebodyElse.pay.purchaseQuestions(others[0] ?? request);
    expect(purchase?.quote?.lines[0]?.questionId).to.equal(second);
  });

  it("lets a repeat wait for the first call, which continues when its caller hangs up", async () => {
    const buyer = await market.createBuyer(30_000n);
    const wallet = await stopAtWallet(market.stack, buyer.userId);
    const request = purchaseRequest([first]);
    const hangUp = new AbortController();
    const call = refusalOf(buyer.pay.purchaseQuestions(request, { signal: hangUp.signal }));
    await wallet.waiters(1);
    hangUp.abort();
    expect((await call).code).to.equal("Canceled");
    const patient = buyer.pay.purchaseQuestions(request);
    const impatient = buyer.pay.purchaseQuestions(request, { timeoutMs: 1000 });
    const { reason, code, metadata } = await refusalOf(impatient);
    expect({ reason, code }).to.deep.equal({ reason: "IDEMPOTENCY_IN_PROGRESS", code: "Aborted" });
    const by = { case: "requestId", value: request.requestId } as const;
    const { purchase } = await buyer.pay.getPurchase({ by });
    expect(purchase).to.include({ state: PurchaseState.PENDING, purchaseId: metadata.purchase_id });
    expect(await reasonFor(buyer.pay.purchaseQuestions(purchaseRequest([first])))).to.equal(
      "PURCHASE_IN_PROGRESS",
    );
    expect((await buyer.library.listOwnedQuestions({})).questions).to.deep.equal([]);
    await wallet.release();
    expect((await patient).purchase?.purchaseId).to.equal(purchase?.purchaseId);
    expect((await paidBy(buyer, request)).purchaseId).to.equal(purchase?.purchaseId);
    expect(await balanceOf(buyer)).to.equal(20_000n);
  });

  it("buys nothing on terms that the buyer did not see", async () => {
    const changes = [
      {
        reason: "QUESTION_CHANGED",
        change: async (questionId: bigint) => void (await market.promote(questionId, 5_000n)),
      },
      {
        reason: "UNAVAILABLE_QUESTION",
        change: async (questionId: bigint) =>
          void (await market.creator.authoring.deleteQuestion({ questionId })),
      },
    ];
    const buyer = await market.createBuyer(30_000n);
    for (const { reason, change } of changes) {
      const questionId = await market.publishQuestion();
      const request = purchaseRequest([first, questionId]);
      const open = await stopBeforeOpen(market.stack, buyer.userId, request.requestId);
      const call = refusalOf(buyer.pay.purchaseQuestions(request));
      await open.waiters(1);
      await change(questionId);
      await open.release();
      const refused = await call;
      expect([refused.reason, refused.metadata.question_id]).to.deep.equal([reason, String(questionId)]);
      const by = { case: "requestId", value: request.requestId } as const;
      expect((await buyer.pay.getPurchase({ by })).purchase?.cancelReason).to.equal(reason);
    }
    expect(await balanceOf(buyer)).to.equal(30_000n);
    expect((await buyer.pay.purchaseQuestions(purchaseRequest([first]))).purchase?.state).to.equal(
      PurchaseState.PAID,
    );
  });

  it("uses a coupon for one of two purchases that want it at the same moment", async () => {
    const buyer = await market.createBuyer(30_000n);
    const userCouponId = await market.giveCoupon(buyer);
    const lock = await holdLock(
      market.stack,
      "SELECT 1 FROM coupon.user_coupon WHERE user_coupon_id = ? FOR UPDATE",
      [userCouponId],
    );
    const requests = [first, second].map(questionId =>
      purchaseRequest([{ questionId, userCouponId: userCouponId }]),
    );
    const calls = Promise.allSettled(requests.map(request => buyer.pay.purchaseQuestions(request)));
    await lock.waiters(2);
    await lock.release();
    const refused = (await calls).filter(result => result.status === "rejected");
    expect(refused).to.have.length(1);
    expect(await reasonFor(Promise.reject(refused[0]?.reason))).to.equal("FAIL_USE_COUPON");
    expect(await balanceOf(buyer)).to.equal(21_000n);
  });
});
