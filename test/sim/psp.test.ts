import { expect } from "chai";
import { koreanDayOf } from "#services/point/domain/korean-time.ts";
import { untilDayLasts } from "../support/psp/korean-day.ts";
import { newOrderId, secretKey } from "../support/psp/psp.ts";
import { openPspSuite } from "../support/psp/psp-suite.ts";

describe("PSP simulator", () => {
  const suite = openPspSuite();
  const { start, captured } = suite;

  describe("merchants' API", () => {
    it("requires the secret key, with its colon", async () => {
      const ask = (authorization?: string) =>
        fetch(`${suite.psp.url}/v1/payments/orders/${newOrderId()}`, {
          headers: { ...(authorization && { authorization }) },
        });
      expect((await ask()).status).to.equal(401);
      expect((await ask(`Basic ${btoa("wrong:")}`)).status).to.equal(401);
      expect((await ask(`Basic ${btoa(secretKey)}`)).status).to.equal(403);
      expect((await ask(`Basic ${btoa(`${secretKey}:`)}`)).status).to.equal(404);
    });

    it("says what is wrong with a confirm", async () => {
      const { orderId, paymentKey } = await captured();
      const other = newOrderId();
      const openKey = await suite.psp.sim.authorize(other, 10_000);
      const cases: [string, string, number, number, string][] = [
        ["nothing", other, 10_000, 404, "NOT_FOUND_PAYMENT"],
        [openKey, newOrderId(), 10_000, 404, "NOT_FOUND_PAYMENT_SESSION"],
        [openKey, other, 9_999, 403, "FORBIDDEN_REQUEST"],
        [openKey, other, -1, 400, "INVALID_REQUEST"],
        [paymentKey, orderId, 10_000, 400, "ALREADY_PROCESSED_PAYMENT"],
      ];
      for (const [key, order, amount, status, code] of cases) {
        const answer = await suite.psp.api.confirm(key, order, amount);
        expect([answer.status, answer.body.code]).to.deep.equal([status, code]);
      }
      expect((await suite.psp.sim.ledger(other)).rows).to.deep.equal([]);
    });

    it("captures an order once, however many payments were opened for it", async () => {
      const orderId = newOrderId();
      const keys = [
        await suite.psp.sim.authorize(orderId, 10_000),
        await suite.psp.sim.authorize(orderId, 10_000),
      ];
      const answers = await Promise.all(keys.map(key => suite.psp.api.confirm(key, orderId, 10_000)));
      expect(answers.map(answer => answer.body.code ?? answer.body.status).sort()).to.deep.equal([
        "DONE",
        "DUPLICATED_ORDER_ID",
      ]);
      expect((await suite.psp.sim.ledger(orderId)).totals.captured).to.equal(10_000);
    });

    it("supports virtual accounts", async () => {
      const orderId = newOrderId();
      const paymentKey = await suite.psp.sim.authorize(orderId, 10_000, "virtualAccount");
      const issued = await suite.psp.api.confirm(paymentKey, orderId, 10_000);
      expect(issued.body).to.include({ status: "WAITING_FOR_DEPOSIT" });
      expect(issued.body.secret).to.be.a("string");
      expect((await suite.psp.sim.ledger(orderId)).totals.captured).to.equal(0);
      await suite.psp.sim.deposit(paymentKey);
      expect((await suite.psp.api.find(orderId)).body.status).to.equal("DONE");
      expect((await suite.psp.sim.ledger(orderId)).totals.captured).to.equal(10_000);
    });

    it("lists a Korean day's captures and cancels, page by page", async () => {
      await untilDayLasts();
      const own = await start({});
      for (const amount of [1_000, 2_000, 3_000]) {
        const orderId = newOrderId();
        const paymentKey = await own.sim.authorize(orderId, amount);
        await own.api.confirm(paymentKey, orderId, amount);
        if (amount === 2_000) {
          await own.api.cancel(paymentKey, { cancelAmount: 500 });
        }
      }
      const day = koreanDayOf(Date.now());
      const path = `/v1/transactions?startDate=${day}T00:00:00&endDate=${day}T23:59:59&limit=3`;
      const first = (await own.api.call("GET", path)).body;
      const rest = (await own.api.call("GET", `${path}&startingAfter=${first.at(-1).transactionKey}`)).body;
      expect([...first, ...rest].map(row => row.amount)).to.deep.equal([1_000, 2_000, -500, 3_000]);
      const elsewhere = await own.api.call("GET", path.replaceAll(day, "2020-01-01"));
      expect(elsewhere.body).to.deep.equal([]);
      expect((await own.api.call("GET", `${path}&startingAfter=none`)).body.code).to.equal(
        "INVALID_TRANSACTION_KEY",
      );
    });
  });

  describe("cancels", () => {
    it("refunds in parts, never more than was captured", async () => {
      const { orderId, paymentKey } = await captured();
      const part = await suite.psp.api.cancel(paymentKey, { cancelAmount: 4_000 });
      expect(part.body).to.include({ status: "PARTIAL_CANCELED", balanceAmount: 6_000, totalAmount: 10_000 });
      const tooMuch = await suite.psp.api.cancel(paymentKey, { cancelAmount: 6_001 });
      expect(tooMuch.body.code).to.equal("NOT_CANCELABLE_AMOUNT");
      const rest = await suite.psp.api.cancel(paymentKey);
      expect(rest.body).to.include({ status: "CANCELED", balanceAmount: 0 });
      expect(rest.body.cancels.map((cancel: { cancelAmount: number }) => cancel.cancelAmount)).to.deep.equal([
        4_000, 6_000,
      ]);
      expect((await suite.psp.api.cancel(paymentKey)).body.code).to.equal("ALREADY_CANCELED_PAYMENT");
      const { totals } = await suite.psp.sim.ledger(orderId);
      expect(totals).to.deep.equal({ captures: 1, captured: 10_000, cancels: 2, cancelled: 10_000, net: 0 });
    });

    it("lets one of two cancels win that expect the same balance", async () => {
      const { orderId, paymentKey } = await captured();
      const body = { cancelAmount: 3_000, refundableAmount: 10_000 };
      const answers = await Promise.all([
        suite.psp.api.cancel(paymentKey, body),
        suite.psp.api.cancel(paymentKey, body),
      ]);
      expect(answers.map(answer => answer.body.code ?? "done").sort()).to.deep.equal([
        "NOT_MATCHES_REFUNDABLE_AMOUNT",
        "done",
      ]);
      expect((await suite.psp.sim.ledger(orderId)).totals.net).to.equal(7_000);
    });

    it("refuses a second cancel within the gap, but not one by the PSP's own staff", async () => {
      const slow = await start({ cancelGapMs: 60_000 });
      const orderId = newOrderId();
      const paymentKey = await slow.sim.authorize(orderId, 10_000);
      await slow.api.confirm(paymentKey, orderId, 10_000);
      await slow.api.cancel(paymentKey, { cancelAmount: 1_000 }, "k1");
      const second = await slow.api.cancel(paymentKey, { cancelAmount: 1_000 }, "k2");
      expect(second.body.code).to.equal("FORBIDDEN_CONSECUTIVE_REQUEST");
      expect((await slow.sim.cancel(paymentKey, 2_000)).balanceAmount).to.equal(7_000);
    });
  });

  it("accepts only small JSON under /sim", async () => {
    const path = `${suite.psp.url}/sim/charges/${newOrderId()}/authorize`;
    const plain = await fetch(path, { method: "POST", body: JSON.stringify({ amount: 10_000 }) });
    expect(plain.status).to.equal(400);
    const headers = { "content-type": "application/json" };
    const unknown = await fetch(path, {
      method: "POST",
      headers,
      body: JSON.stringify({ amount: 10_000, x: 1 }),
    });
    expect(unknown.status).to.equal(400);
    expect((await fetch(`${suite.psp.url}/nothing`)).status).to.equal(404);
  });
});
