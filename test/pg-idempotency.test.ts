import { expect } from "chai";
import { newOrderId, until } from "./support/pg.ts";
import { openPgSuite } from "./support/pg-suite.ts";

describe("payment gateway simulator, time", function () {
  this.timeout(20_000);
  const suite = openPgSuite();
  const { start, captured } = suite;

  describe("idempotency", () => {
    it("answers a repeat like the first call, whatever its body", async () => {
      const { orderId, paymentKey } = await captured();
      const first = await suite.pg.api.cancel(paymentKey, { cancelAmount: 1_000 }, "same");
      const repeat = await suite.pg.api.cancel(paymentKey, { cancelAmount: 2_000 }, "same");
      expect(repeat).to.deep.equal(first);
      expect((await suite.pg.sim.books(orderId)).totals.cancelled).to.equal(1_000);
      await suite.pg.api.cancel(paymentKey, { cancelAmount: 2_000 }, "other");
      expect((await suite.pg.sim.books(orderId)).totals.cancelled).to.equal(3_000);
    });

    it("replays a passing refusal under its key, and not under a new one", async () => {
      const orderId = newOrderId();
      const paymentKey = await suite.pg.sim.authorize(orderId, 10_000);
      await suite.pg.sim.script(orderId, { confirm: [{ error: { status: 400, code: "PROVIDER_ERROR" } }] });
      for (const _ of [1, 2, 3]) {
        const answer = await suite.pg.api.confirm(paymentKey, orderId, 10_000, `${orderId}-1`);
        expect(answer.body.code).to.equal("PROVIDER_ERROR");
      }
      expect((await suite.pg.api.confirm(paymentKey, orderId, 10_000, `${orderId}-2`)).body.status).to.equal(
        "DONE",
      );
      const { calls } = await suite.pg.sim.charge(orderId);
      expect(calls.map(call => call.replayed)).to.deep.equal([false, true, true, false]);
    });

    it("refuses a twin while the first call runs", async () => {
      const orderId = newOrderId();
      const paymentKey = await suite.pg.sim.authorize(orderId, 10_000);
      await suite.pg.sim.script(orderId, { confirm: [{ delayMs: 400 }] });
      const first = suite.pg.api.confirm(paymentKey, orderId, 10_000, orderId);
      await until(async () => (await suite.pg.sim.charge(orderId)).calls.length === 1, "the first call runs");
      const twin = await suite.pg.api.confirm(paymentKey, orderId, 10_000, orderId);
      expect([twin.status, twin.body.code]).to.deep.equal([409, "IDEMPOTENT_REQUEST_PROCESSING"]);
      expect((await first).status).to.equal(200);
      expect(await suite.pg.api.confirm(paymentKey, orderId, 10_000, orderId)).to.deep.equal(await first);
      expect((await suite.pg.sim.books(orderId)).totals.captures).to.equal(1);
    });

    it("does the work once for twenty at a time", async () => {
      const orderId = newOrderId();
      const paymentKey = await suite.pg.sim.authorize(orderId, 10_000);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => suite.pg.api.confirm(paymentKey, orderId, 10_000, orderId)),
      );
      for (const { status } of answers) expect([200, 409]).to.include(status);
      expect((await suite.pg.sim.books(orderId)).totals.captures).to.equal(1);
    });

    it("refuses a key that is too long, and forgets one whose time is over", async () => {
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

  describe("windows", () => {
    it("expires what is not authenticated or not confirmed in time", async () => {
      const own = await start({ readyMs: 40, inProgressMs: 40 });
      const orderId = newOrderId();
      const paymentKey = await own.sim.authorize(orderId, 10_000);
      await until(async () => (await own.api.find(orderId)).body.status === "EXPIRED", "the payment expires");
      const late = await own.api.confirm(paymentKey, orderId, 10_000);
      expect([late.status, late.body.code]).to.deep.equal([404, "NOT_FOUND_PAYMENT_SESSION"]);
    });

    it("expires a payment by hand", async () => {
      const orderId = newOrderId();
      await suite.pg.sim.expire(await suite.pg.sim.authorize(orderId, 10_000));
      expect((await suite.pg.api.find(orderId)).body.status).to.equal("EXPIRED");
    });
  });
});
