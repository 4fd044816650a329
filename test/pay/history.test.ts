import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { mongo } from "mongoose";
import { CouponScope } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { type Purchase, PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { type Buyer, createMarket, type Market, purchaseRequest } from "../support/market/market.ts";
import { contentWith, present } from "../support/market/questions.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { requireNoViolations, sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";
import { waitUntilIdle } from "../support/stack/wait-until-idle.ts";

const rebuildCommand = fileURLToPath(new URL("../../ops/rebuild-history.ts", import.meta.url));

describe("the purchase history", () => {
  let market: Market;

  before(async function () {
    this.timeout(120_000);
    market = await createMarket(await sharedStack(), { questionCount: 64 });
  });

  const buy = async (buyer: Buyer, questionIds: readonly bigint[]) => {
    const { purchase } = await buyer.pay.purchaseQuestions(purchaseRequest(questionIds));
    return present(purchase);
  };
  const historyOf = (buyer: Buyer, count: number) =>
    until(async () => {
      const { purchases } = await buyer.pay.listPurchases({ pageSize: 100 });
      return purchases.length === count && purchases;
    }, `the history has ${count} purchases`);

  it("shows purchases as they were made, even after the questions change or are deleted", async () => {
    const { authoring, promotions } = market.creator;
    const edited = await market.publishQuestion({ title: "수열의 극한" });
    const deleted = await market.publishQuestion({ title: "급수" });
    const promotionId = await market.promote(deleted, 7_000n);
    const buyer = await market.createBuyer(50_000n);
    const line = await market.giveCoupon(buyer, { title: "한 줄" });
    const whole = await market.giveCoupon(buyer, { title: "전부", scope: CouponScope.PURCHASE });
    const lines = [edited, { questionId: deleted, userCouponId: line }];
    const { purchase } = await buyer.pay.purchaseQuestions(purchaseRequest(lines, {}, whole));

    const { question } = await authoring.getOwnQuestion({ questionId: edited });
    const content = contentWith({ title: "다른 제목", pricePoints: 500n });
    await authoring.updateQuestion({ questionId: edited, version: question?.version ?? 0, content });
    await promotions.endPromotion({ questionId: deleted, promotionId });
    await authoring.deleteQuestion({ questionId: deleted });

    expect(await historyOf(buyer, 1)).to.deep.equal([purchase]);
    const found = purchase?.quote?.lines.map(each => [each.title, each.originalPoints, each.amountPoints]);
    expect(found).to.deep.equal([
      ["수열의 극한", 10_000n, 10_000n],
      ["급수", 10_000n, 6_000n],
    ]);
    expect(purchase?.quote?.discounts.map(each => each.title)).to.deep.equal(["한 줄", "전부"]);
    expect(purchase?.quote?.amountPoints).to.equal(15_000n);
  });

  it("shows only paid purchases, and each buyer only their own", async () => {
    const [first = 0n, second = 0n] = market.questionIds;
    const buyer = await market.createBuyer(10_000n);
    const other = await market.createBuyer(10_000n);
    const paid = await buy(buyer, [first]);
    expect((await refusalOf(buy(buyer, [second]))).reason).to.equal("NOT_ENOUGH_POINT");
    await buy(other, [second]);
    await waitUntilIdle(market.stack);
    expect((await buyer.pay.listPurchases({})).purchases).to.deep.equal([paid]);
  });

  it("leaves the wallet exact where 64 purchases spend it at once, and pages through the paid ones", async () => {
    const buyer = await market.createBuyer(400_000n);
    const requests = market.questionIds.map(questionId => purchaseRequest([questionId]));
    const results = await Promise.allSettled(requests.map(request => buyer.pay.purchaseQuestions(request)));
    const refused = results.filter(result => result.status === "rejected");
    const reasons = await Promise.all(refused.map(({ reason }) => refusalOf(Promise.reject(reason))));
    expect(new Set(reasons.map(({ reason }) => reason))).to.deep.equal(new Set(["NOT_ENOUGH_POINT"]));
    await waitUntilIdle(market.stack);
    const purchases = await Promise.all(
      requests.map(async ({ requestId }) => {
        const answer = await buyer.pay.getPurchase({ by: { case: "requestId", value: requestId } });
        return present(answer.purchase);
      }),
    );
    const paid = purchases.filter(({ state }) => state === PurchaseState.PAID);
    expect(paid).to.have.length(40);
    const { wallet } = await buyer.points.getWallet({});
    expect(wallet).to.include({ balancePoints: 0n, heldPoints: 0n });

    const newest = (a: Purchase, b: Purchase) => (a.purchaseId < b.purchaseId ? 1 : -1);
    const expected = paid.toSorted(newest);
    const seen: Purchase[] = [];
    const pageSizes: number[] = [];
    let pageToken = "";
    do {
      const page = await buyer.pay.listPurchases({ pageToken });
      seen.push(...page.purchases);
      pageSizes.push(page.purchases.length);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(pageSizes).to.deep.equal([20, 20]);
    expect(seen).to.deep.equal(expected);

    const { nextPageToken } = await buyer.pay.listPurchases({ pageSize: 1 });
    const other = await market.createBuyer();
    const wrong = [
      other.pay.listPurchases({ pageToken: nextPageToken }),
      buyer.pay.listPurchases({ pageToken: `${nextPageToken}x` }),
      buyer.pay.listPurchases({ pageToken: "x" }),
    ];
    for (const { reason } of await Promise.all(wrong.map(refusalOf))) {
      expect(reason).to.equal("INVALID_PAGE_TOKEN");
    }
  });

  describe("in MongoDB", () => {
    let client: mongo.MongoClient;
    let documents: mongo.Collection<{ _id: string }>;
    const rebuild = () =>
      promisify(execFile)(process.execPath, [rebuildCommand], {
        env: { ...process.env, ...market.stack.env },
      });

    before(() => {
      client = new mongo.MongoClient(market.stack.env.PAY_MONGODB_URI ?? "");
      documents = client.db().collection("purchase_history");
    });
    after(() => client?.close());

    it("may lack purchases or be lost: the answer has them all, and pages go on", async () => {
      const buyer = await market.createBuyer(30_000n);
      const [first = 0n, second = 0n, third = 0n] = market.questionIds;
      const bought = [await buy(buyer, [first]), await buy(buyer, [second]), await buy(buyer, [third])];
      await waitUntilIdle(market.stack);
      const list = async () => (await buyer.pay.listPurchases({})).purchases;
      expect(
        await documents.countDocuments({ _id: { $in: bought.map(({ purchaseId }) => purchaseId) } }),
      ).to.equal(3);
      await documents.deleteOne({ _id: bought[1]?.purchaseId ?? "" });
      expect(await list()).to.deep.equal(bought.toReversed());
      await documents.drop();
      const { purchases, nextPageToken } = await buyer.pay.listPurchases({ pageSize: 2 });
      const rest = await buyer.pay.listPurchases({ pageSize: 2, pageToken: nextPageToken });
      expect([...purchases, ...rest.purchases]).to.deep.equal(bought.toReversed());
    });

    it("is rebuilt by a command while purchases go on, with its index and without what is no purchase", async () => {
      const buyer = await market.createBuyer(100_000n);
      const orphan = "ffffffff-0000-7000-8000-000000000000";
      await documents.insertOne({ _id: orphan });
      const rebuilding = rebuild();
      const bought: Purchase[] = [];
      for (const questionId of market.questionIds.slice(0, 10)) {
        bought.push(await buy(buyer, [questionId]));
      }
      const { stdout } = await rebuilding;
      expect(stdout).to.match(/^complete: \d+ purchases written, 1 others removed\n$/);
      await waitUntilIdle(market.stack);
      await requireNoViolations(market.stack, ["pay"]);
      const found = await documents
        .find({ _id: { $in: bought.map(({ purchaseId }) => purchaseId) } })
        .toArray();
      expect(found).to.have.length(bought.length);
      const keys = (await documents.indexes()).map(({ key }) => key);
      expect(keys).to.deep.include({ userId: 1, _id: -1 });
    });

    it("cannot be rebuilt by a wrong call", async () => {
      const args = [rebuildCommand, "everything"];
      const failed = await promisify(execFile)(process.execPath, args).catch(error => error);
      expect(failed).to.include({ code: 2 });
      expect(failed.stderr).to.match(
        /^not understood: everything\nnpm run rebuild-history -- --help shows how\n$/,
      );
    });
  });

  it("accepts fifty lines in one purchase, and refuses fifty-one", async () => {
    const buyer = await market.createBuyer(500_000n);
    const fifty = market.questionIds.slice(0, 50);
    const purchase = await buy(buyer, fifty);
    expect(purchase.quote?.lines.map(line => line.questionId)).to.deep.equal(fifty);
    expect(await historyOf(buyer, 1)).to.deep.equal([purchase]);
    expect((await refusalOf(buy(buyer, market.questionIds.slice(0, 51)))).reason).to.equal("BAD_REQUEST");
  });
});
