import { expect } from "chai";
import { createPspSim } from "#dev/sim/psp/sim-client.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { ChargePackage, ChargeState } from "#gen/questioncloud/point/v1/point_pb.ts";
import { type Given, isLong } from "../../support/faults/given.ts";
import { createShoppers } from "../../support/faults/shoppers.ts";
import { type Buyer, purchaseRequest } from "../../support/market/market.ts";
import { present } from "../../support/market/questions.ts";
import { createPublicClient, reasonOf } from "../../support/rpc/clients.ts";
import { createTokenUsers } from "../../support/rpc/tokens.ts";
import { until } from "../../support/stack/until.ts";

const racers = isLong ? 5000 : 300;

/** Buyers who do the same thing many times at once, at both replicas. */
export function buyerFaults(given: Given): void {
  it("F10 buys once where one request comes twenty times at once, or twenty want one question", async () => {
    const { market } = given();
    const [first = 0n, second = 0n] = market.questionIds;
    const buyer = await market.createBuyer(40_000n);
    const same = purchaseRequest([first]);
    const repeats = await reasonsOf(times(20, () => buyer.pay.purchaseQuestions(same)));
    expect(withoutReasons(repeats, "IDEMPOTENCY_IN_PROGRESS")).to.deep.equal([]);
    await untilPaid(buyer, same.requestId);
    const others = await reasonsOf(times(20, () => buyer.pay.purchaseQuestions(purchaseRequest([second]))));
    expect(others.filter(reason => reason === undefined)).to.have.length(1);
    expect(withoutReasons(others, "PURCHASE_IN_PROGRESS", "ALREADY_OWN_QUESTION")).to.deep.equal([]);
    expect(present((await buyer.points.getWallet({})).wallet).balancePoints).to.equal(20_000n);
  });

  it("F11 issues a limited coupon exactly as often as there are coupons, and once to a user", async () => {
    const { market, mesh } = given();
    const { code, couponId } = await market.coupons.create({}, { stockCount: 100n });
    const users = await createTokenUsers(mesh.stack, racers);
    const register = ({ token }: { token: string }) =>
      createPublicClient(mesh.stack, CouponService, { token }).registerCoupon({ code });
    const waiting = users.values();
    const reasons: (string | undefined)[] = [];
    const lane = async () => {
      for (const user of waiting) {
        reasons.push(...(await reasonsOf([register(user)])));
      }
    };
    await Promise.all(Array.from({ length: 64 }, lane));
    expect(reasons.filter(reason => reason === undefined)).to.have.length(100);
    expect(withoutReasons(reasons, "LIMITED_COUPON")).to.deep.equal([]);
    expect((await market.coupons.find(couponId))?.issuedCount).to.equal(100n);

    const [greedy] = await createTokenUsers(mesh.stack, 1);
    const other = await market.coupons.create();
    const one = createPublicClient(mesh.stack, CouponService, { token: greedy?.token ?? "" });
    const own = await reasonsOf(times(50, () => one.registerCoupon({ code: other.code })));
    expect(own.filter(reason => reason === undefined)).to.have.length(1);
    expect(withoutReasons(own, "ALREADY_REGISTER_COUPON")).to.deep.equal([]);
  });

  it("F12 spends no point twice where purchases want the same points at once", async () => {
    const { market } = given();
    const buyer = await market.createBuyer(50_000n);
    const requests = market.questionIds.map(questionId => purchaseRequest([questionId]));
    const reasons = await reasonsOf(requests.map(request => buyer.pay.purchaseQuestions(request)));
    expect(withoutReasons(reasons, "NOT_ENOUGH_POINT")).to.deep.equal([]);
    await until(
      async () => present((await buyer.points.getWallet({})).wallet).heldPoints === 0n,
      "nothing is held",
    );
    const { purchases } = await buyer.pay.listPurchases({ pageSize: 100 });
    expect(purchases).to.have.length(5);
    expect(present((await buyer.points.getWallet({})).wallet).balancePoints).to.equal(0n);
  });

  it("F8 charges once where the PSP captures and its replies are lost, or come late", async () => {
    const { mesh } = given();
    const sim = createPspSim(mesh.stack.pspUrl);
    const shoppers = await createShoppers(mesh.stack, 9);
    const orders = await Promise.all(
      shoppers.map(async ({ points }, index) => {
        const answer = await points.createCharge({
          requestId: crypto.randomUUID(),
          package: ChargePackage.B,
        });
        const { chargeId, amountPoints } = present(answer.charge);
        const confirm = [
          { drop: "after" },
          { drop: "before" },
          { chargeAfterMs: 2500, drop: "before" },
        ] as const;
        await sim.script(chargeId, { confirm: [confirm[index % 3] ?? {}] });
        const paymentKey = await sim.authorize(chargeId, Number(amountPoints));
        return { points, chargeId, amountPoints, paymentKey };
      }),
    );
    for (const replica of ["point-1", "point-2"]) {
      for (const { gate } of mesh.links.between(replica, "psp")) {
        gate.loseReplies();
      }
    }
    const reasons = await reasonsOf(orders.map(({ points, ...request }) => points.confirmCharge(request)));
    expect(withoutReasons(reasons)).to.deep.equal([]);
    await mesh.heal();
    for (const { points, chargeId, amountPoints } of orders) {
      const get = async () => (await points.getCharge({ chargeId })).charge?.state;
      await until(async () => (await get()) === ChargeState.CHARGED, "the charge is credited");
      expect(present((await points.getWallet({})).wallet).balancePoints).to.equal(amountPoints);
      expect((await sim.ledger(chargeId)).totals).to.include({ captures: 1, net: Number(amountPoints) });
    }
  });
}

const times = <T>(count: number, work: () => Promise<T>) => Array.from({ length: count }, work);

/** Undefined for each call that was answered. */
const reasonsOf = (calls: readonly Promise<unknown>[]) =>
  Promise.all(calls.map(call => call.then(() => undefined, reasonOrText)));

const reasonOrText = (error: unknown) => reasonOf(error) ?? String(error);

const withoutReasons = (reasons: readonly (string | undefined)[], ...expected: string[]) =>
  reasons.filter(reason => reason !== undefined && !expected.includes(reason));

function untilPaid({ pay }: Buyer, requestId: string) {
  return until(async () => {
    const { purchase } = await pay.getPurchase({ by: { case: "requestId", value: requestId } });
    return purchase?.state === PurchaseState.PAID;
  }, "the purchase is paid");
}
