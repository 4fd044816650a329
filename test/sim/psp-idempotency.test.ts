import { expect } from "chai";
import { newOrderId, until } from "../support/psp/psp.ts";
import { openPspSuite } from "../support/psp/psp-suite.ts";

describe("PSP simulator, idempotency and expiry", () => {
  const suite = openPspSuite();
  const { start, captured } = suite;

  describe("idempotency", () => {
    it("answers a repeat like the first call, whatever its body", async () => {
      const { orderId, paymentKey } = await captured();
      const first = await suite.psp.api.cancel(paymentKey, { cancelAmount: 1_000 }, "same");
      const repeat = await suite.psp.api.cancel(paymentKey, { cancelAmount: 2_000 }, "same");
      expect(repeat).to.deep.equal(first);
      expect((await suite.psp.sim.ledger(orderId)).totals.cancelled).to.equal(1_000);
      await suite.psp.api.cancel(paymentKey, { cancelAmount: 2_000 }, "other");
      expect((await suite.psp.sim.ledger(orderId)).totals.cancelled).to.equal(3_000);
    });

    it("replays a temporary refusal under its key, and not under a new one", async () => {
      const orderId = newOrderId();
      const paymentKey = await suite.psp.sim.authorize(orderId, 10_000);
      await suite.psp.sim.script(orderId, { confirm: [{ error: { status: 400, code: "PROVIDER_ERROR" } }] });
      for (const _ of [1, 2, 3]) {
        const answer = await suite.psp.api.confirm(paymentKey, orderId, 10_000, `${orderId}-1`);
        expect(answer.body.code).to.equal("PROVIDER_ERROR");
      }
      expect((await suite.psp.api.confirm(paymentKey, orderId, 10_000, `${orderId}-2`)).body.status).to.equal(
        "DONE",
      );
      const { calls } = await suite.psp.sim.charge(orderId);
      expect(calls.map(call => call.replayed)).to.deep.equal([false, true, true, false]);
    });

    it("refuses a repeat while the first call runs", async () => {
      const orderId = newOrderId();
      const paymentKey = await suite.psp.sim.authorize(orderId, 10_000);
      await suite.psp.sim.script(orderId, { confirm: [{ held: true }] });
      const first = suite.psp.api.confirm(paymentKey, orderId, 10_000, orderId);
      await until(
        async () => (await suite.psp.sim.charge(orderId)).calls.length === 1,
        "the first call runs",
      );
      const repeat = await suite.psp.api.confirm(paymentKey, orderId, 10_000, orderId);
      expect([repeat.status, repeat.body.code]).to.deep.equal([409, "IDEMPOTENT_REQUEST_PROCESSING"]);
      await suite.psp.sim.script(orderId, {});
      expect((await first).status).to.equal(200);
      expect(await suite.psp.api.confirm(paymentKey, orderId, 10_000, orderId)).to.deep.equal(await first);
      expect((await suite.psp.sim.ledger(orderId)).totals.captures).to.equal(1);
    });

    it("charges once for twenty calls at a time", async () => {
      const orderId = newOrderId();
      const paymentKey = await suite.psp.sim.authorize(orderId, 10_000);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => suite.psp.api.confirm(paymentKey, orderId, 10_000, orderId)),
      );
      for (const { status } of answers) {
        expect([200, 409]).to.include(status);
      }
      expect((await suite.psp.sim.ledger(orderId)).totals.captures).to.equal(1);
    });

    it("refuses a key that is too long, and forgets one after its window", async () => {
      const own = await start({ idempotencyWindowMs: 30 });
      const orderId = newOrderId();
      const paymentKey = await own.sim.authorize(orderId, 10_000);
      const long = await own.api.confirm(paymentKey, orderId, 10_000, "x".repeat(301));
      expect([long.status, long.body.code]).to.deep.equal([400, "INVALID_IDEMPOTENCY_KEY"]);
      await own.api.confirm(paymentKey, orderId, 10_000, "k");
      await until(async () => {
        const answer = await own.api.confirm(paymentKey, orderId, 10_000, "k");
        return answer.body.code === "ALREADY_PROCESSED_PAYMENT";
      }, "the key is forgotten");
    });
  });

  describe("expiry", () => {
    it("expires a payment that is not authenticated or not confirmed in time", async () => {
      const own = await start({ readyMs: 40, inProgressMs: 40 });
      const orderId = newOrderId();
      const paymentKey = await own.sim.authorize(orderId, 10_000);
      await until(async () => (await own.api.find(orderId)).body.status === "EXPIRED", "the payment expires");
      const late = await own.api.confirm(paymentKey, orderId, 10_000);
      expect([late.status, late.body.code]).to.deep.equal([404, "NOT_FOUND_PAYMENT_SESSION"]);
    });

    it("expires a payment on request", async () => {
      const orderId = newOrderId();
      await suite.psp.sim.expire(await suite.psp.sim.authorize(orderId, 10_000));
      expect((await suite.psp.api.find(orderId)).body.status).to.equal("EXPIRED");
    });
  });
});
