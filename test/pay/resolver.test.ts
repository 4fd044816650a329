import { expect } from "chai";
import type { Connection } from "mariadb";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { type Buyer, createMarket, type Market, purchaseRequest } from "../support/market/market.ts";
import { walletAfterEvents } from "../support/market/purchase-runs.ts";
import { present } from "../support/market/questions.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { type HeldLock, stopAtWallet } from "../support/stack/locks.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

describe("a purchase whose outcome is not known", () => {
  let market: Market;
  let question: bigint;
  let sql: Connection;

  let [paid, late, stuck]: Pending[] = [];

  before(async () => {
    market = await createMarket(await sharedStack(), { questionCount: 1 });
    [question = 0n] = market.questionIds;
    sql = await connectAdmin(market.stack.mariadb.url);
    [paid, late, stuck] = await Promise.all([leavePending(), leavePending(), leavePending()]);
  });

  after(async () => {
    await stuck?.lock.release();
    await sql?.end();
  });

  // The wallet stays locked until the call has given up.
  async function leavePending() {
    const buyer = await market.createBuyer(20_000n);
    const request = purchaseRequest([{ questionId: question, userCouponId: await market.giveCoupon(buyer) }]);
    const lock = await stopAtWallet(market.stack, buyer.userId);
    const { purchase } = await buyer.pay.purchaseQuestions(request);
    expect(purchase?.state).to.equal(PurchaseState.PENDING);
    expect(purchase?.finishTime).to.equal(undefined);
    return { buyer, request, lock, purchaseId: purchase?.purchaseId ?? "" };
  }

  const ended = (buyer: Buyer, purchaseId: string) =>
    until(async () => {
      const by = { case: "purchaseId", value: purchaseId } as const;
      const { purchase } = await buyer.pay.getPurchase({ by });
      return purchase?.state !== PurchaseState.PENDING && purchase;
    }, "the purchase ended");

  it("holds coupon and question, and grants neither", async () => {
    const { buyer } = present(stuck);
    expect((await buyer.coupons.listUserCoupons({})).coupons).to.deep.equal([]);
    expect((await buyer.library.listOwnedQuestions({})).questions).to.deep.equal([]);
  });

  it("is paid without another call, though others are still stuck", async () => {
    const { buyer, request, lock, purchaseId } = present(paid);
    await lock.release();
    const purchase = await ended(buyer, purchaseId);
    expect(purchase.state).to.equal(PurchaseState.PAID);
    expect((await buyer.pay.purchaseQuestions(request)).purchase).to.deep.equal(purchase);
    expect(await walletAfterEvents(buyer)).to.include({ balancePoints: 11_000n });
    expect((await buyer.library.listOwnedQuestions({})).questions).to.have.length(1);
  });

  it("is canceled and fully released after ten minutes, and a repeat is refused with the reason", async () => {
    const { buyer, request, lock, purchaseId } = present(late);
    await sql.query(
      "UPDATE pay.purchase SET create_time = create_time - INTERVAL 601 SECOND WHERE purchase_id = ?",
      [purchaseId],
    );
    const purchase = await ended(buyer, purchaseId);
    await lock.release();
    expect(purchase).to.include({ state: PurchaseState.CANCELLED, cancelReason: "PURCHASE_TIMED_OUT" });
    const refused = await refusalOf(buyer.pay.purchaseQuestions(request));
    expect([refused.reason, refused.metadata.purchase_id]).to.deep.equal(["PURCHASE_TIMED_OUT", purchaseId]);
    await until(
      async () => (await buyer.coupons.listUserCoupons({})).coupons.length === 1,
      "the coupon came back",
    );
    expect(await walletAfterEvents(buyer)).to.include({ balancePoints: 20_000n });
    const again = await buyer.pay.purchaseQuestions(purchaseRequest([question]));
    expect((await ended(buyer, again.purchase?.purchaseId ?? "")).state).to.equal(PurchaseState.PAID);
  });
});

interface Pending {
  readonly buyer: Buyer;
  readonly request: ReturnType<typeof purchaseRequest>;
  readonly lock: HeldLock;
  readonly purchaseId: string;
}
