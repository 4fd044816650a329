import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { policyOf } from "#kit/contract/policy.ts";
import type { Given } from "../../support/faults/given.ts";
import { openShop, requireUnharmed } from "../../support/faults/shop-through.ts";
import { createShoppers } from "../../support/faults/shoppers.ts";
import { purchaseRequest } from "../../support/market/market.ts";
import { present } from "../../support/market/questions.ts";
import { createPublicClient, reasonOf } from "../../support/rpc/clients.ts";
import { until } from "../../support/stack/until.ts";

const skewSeconds = 300;
// The leeway is five seconds.
const smallSkewSeconds = 3;
const hangingMs = 1500;

/** Replicas that hang, die, or disagree about the time. */
export function processFaults(seed: string, given: Given): void {
  it("F19 sells and charges while clocks of replicas differ by less than tokens allow", async function () {
    const { mesh } = given();
    const { clocks } = mesh;
    if (clocks === undefined) {
      this.skip();
    }
    for (const { id } of mesh.replicas) {
      clocks.set(id, id.endsWith("1") ? smallSkewSeconds : 0);
    }
    await clocks.untilShown();
    const shopping = await openShop(given, seed);
    await until(() => shopping.charged.size >= 4 && shopping.paid.size > 0, "buyers called");
    expect(shopping.refusals).not.to.include.any.keys("UNAUTHORIZED_TOKEN", "INTERNAL_SERVER_ERROR");
    await requireUnharmed(given, shopping);
  });

  it("F19 loses nothing while a replica is minutes off, and ends coupons by the database's clock", async function () {
    const { mesh, market } = given();
    const { clocks, stack } = mesh;
    if (clocks === undefined) {
      this.skip();
    }
    // Over by the fast clock; the other one is valid by the slow clock long after it was ended.
    const lasting = await market.coupons.create({}, { endsInMs: 60_000 });
    const over = await market.coupons.create();
    await market.coupons.client.endCoupon({ couponId: over.couponId, reason: "for a test" });
    clocks.set("coupon-1", skewSeconds);
    clocks.set("coupon-2", -skewSeconds);
    clocks.set("pay-1", skewSeconds);
    clocks.set("question-1", -skewSeconds);
    clocks.set("user-1", -skewSeconds);
    clocks.set("point-2", -skewSeconds);
    await clocks.untilShown();
    const buyer = present((await createShoppers(stack, 1))[0]);
    const register = ({ code }: { code: string }) =>
      Array.from({ length: 4 }, () => buyer.coupons.registerCoupon({ code }).then(() => "", reasonOf));
    expect(new Set(await Promise.all(register(lasting)))).to.deep.equal(
      new Set(["", "ALREADY_REGISTER_COUPON"]),
    );
    expect(new Set(await Promise.all(register(over)))).to.deep.equal(new Set(["EXPIRED_COUPON"]));
    const shopping = await openShop(given, seed);
    await until(() => shopping.calls > 30, "buyers called");
    // Who believes no token of another clock says so, and is not at fault.
    expect(shopping.refusals).not.to.include.any.keys("INTERNAL_SERVER_ERROR");
    await mesh.heal();
    const { basket } = purchaseRequest(market.questionIds);
    const quotes = Array.from({ length: 12 }, () =>
      buyer.pay.quotePurchase({ basket }).then(() => "", reasonOf),
    );
    expect(new Set(await Promise.all(quotes))).to.deep.equal(new Set([""]));
    await requireUnharmed(given, shopping);
  });

  it("F20 answers within deadlines while replicas hang and are killed, and loses nothing acknowledged", async () => {
    const { mesh, market } = given();
    const [shopper] = await createShoppers(mesh.stack, 1);
    const shopping = await openShop(given, seed);
    await mesh.replica("point", 1).process.kill("SIGSTOP");
    await mesh.replica("question", 2).process.kill("SIGSTOP");
    await delay(hangingMs);
    await mesh.replica("coupon", 1).process.kill("SIGKILL");
    await mesh.replica("pay", 2).process.kill("SIGKILL");
    const startMs = Date.now();
    const deadlineMs = policyOf(PaymentService.method.purchaseQuestions).deadlineMs;
    const [questionId = 0n] = market.questionIds;
    await shopper?.pay.purchaseQuestions(purchaseRequest([questionId])).catch(() => {});
    expect(Date.now() - startMs).to.be.below(deadlineMs + 10_000);
    await requireUnharmed(given, shopping);
  });

  it("F24 shows the same times whatever the time zone of the replica that stored them or is asked", async () => {
    const { mesh, market } = given();
    const buyer = await market.createBuyer(30_000n);
    const at = (number: number) => {
      const { ports } = mesh.replica("pay", number);
      const gatewayUrl = `http://127.0.0.1:${ports.http}`;
      return createPublicClient({ ...mesh.stack, gatewayUrl }, PaymentService, { token: buyer.token });
    };
    const sql = await connectAdmin(mesh.stack.mariadb.url);
    try {
      for (const [number, questionId] of market.questionIds.slice(0, 2).entries()) {
        const { purchase } = await at(number + 1).purchaseQuestions(purchaseRequest([questionId]));
        const { purchaseId, finishTime } = present(purchase);
        const by = { case: "purchaseId", value: purchaseId } as const;
        expect((await at(1).getPurchase({ by })).purchase).to.deep.equal(
          (await at(2).getPurchase({ by })).purchase,
        );
        const [row] = await sql.query(
          `SELECT UNIX_TIMESTAMP(finish_time) AS paid, UNIX_TIMESTAMP(NOW(6)) AS now FROM pay.purchase
            WHERE purchase_id = ?`,
          [purchaseId],
        );
        expect(Math.abs(Number(row.paid) - Number(present(finishTime).seconds))).to.be.below(2);
        expect(Number(row.now) - Number(row.paid)).to.be.within(-2, 60);
      }
    } finally {
      await sql.end();
    }
  });
}
