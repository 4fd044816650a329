import { expect } from "chai";
import type { Step } from "#dev/sim/psp/script.ts";
import type { PspAnswer } from "#services/point/psp/psp.ts";
import { tossAnswers } from "#services/point/psp/toss/answers.ts";
import { clientKey, newOrderId, secretKey, shopOrigin, until } from "../support/psp/psp.ts";
import { openTossSuite } from "../support/psp/toss-suite.ts";

describe("Toss adapter", () => {
  const suite = openTossSuite();
  const { connect, authorized, charged, capturedOf, errors, logged, forgetLog } = suite;

  describe("find", () => {
    it("distinguishes unknown charges from open, paid, reversed, failed and expired ones", async () => {
      const request = await authorized();
      expect(await suite.toss.find(newOrderId())).to.deep.equal({ outcome: "notYet" });
      expect(await suite.toss.find(request.chargeId)).to.include({ outcome: "notYet" });
      await suite.toss.confirm(request);
      const done = await suite.toss.find(request.chargeId);
      expect(done).to.have.nested.property("payment.status", "captured");
      expect(done).to.have.nested.property("payment.amountPoints", 10_000n);
      await suite.psp.sim.cancel(request.paymentKey, 4_000);
      const partly = await suite.toss.find(request.chargeId);
      expect(partly).to.include({ outcome: "reversed" });
      expect(partly).to.have.nested.property("payment.balancePoints", 6_000n);
      await suite.psp.sim.cancel(request.paymentKey);
      expect(await suite.toss.find(request.chargeId)).to.have.nested.property("payment.status", "cancelled");

      const left = await authorized();
      await suite.psp.sim.expire(left.paymentKey);
      expect(await suite.toss.find(left.chargeId)).to.include({
        outcome: "declined",
        code: "EXPIRED_PAYMENT",
      });
    });

    it("rejects an answer about another charge", async () => {
      const { chargeId } = await charged({ find: [{ orderId: "somebodyElse" }] });
      expect(await suite.toss.find(chargeId)).to.deep.equal({ outcome: "unknown", cause: "mismatch" });
      expect(errors()).to.have.length(1);
    });

    it("does not take an error for a missing payment", async () => {
      const steps = ["PROVIDER_ERROR", "NOT_FOUND", "NOT_FOUND_PAYMENT_SESSION", "REJECT_CARD_PAYMENT"].map(
        code => ({
          error: { status: 404, code, message: "" },
        }),
      );
      const { chargeId } = await charged({ find: steps });
      for (const { error } of steps) {
        expect(await suite.toss.find(chargeId)).to.include({ outcome: "unknown", code: error.code });
      }
      expect((await suite.toss.find(chargeId)).outcome).to.equal("succeeded");
    });
  });

  describe("confirm", () => {
    it("captures, and repeats the answer", async () => {
      const request = await authorized();
      const first = await suite.toss.confirm(request);
      expect(first.outcome).to.equal("succeeded");
      expect(await suite.toss.confirm(request)).to.deep.equal(first);
      expect(await capturedOf(request.chargeId)).to.equal(10_000);
    });

    it("interprets each code by the table, whatever the HTTP status", async () => {
      for (const [code, meaning] of tossAnswers) {
        for (const status of [400, 500]) {
          const request = await authorized({
            confirm: [{ error: { status, code, message: "거절" }, abort: false }],
          });
          const answer = await suite.toss.confirm(request);
          const expected = {
            declined: { outcome: "declined", code },
            running: { outcome: "unknown", cause: "running", code },
            temporary: { outcome: "unknown", cause: "temporary", code },
            refused: { outcome: "unknown", cause: "refused", code },
            query: code.startsWith("ALREADY_")
              ? { outcome: "unknown", cause: "temporary", code }
              : { outcome: "notYet" },
          }[meaning];
          expect(answer, `${code} under ${status}`).to.include(expected);
          expect(errors().length > 0, code).to.equal(meaning === "refused");
          forgetLog();
        }
      }
    });

    it("treats a code that is not in the table as unknown, and logs it", async () => {
      const request = await authorized({
        confirm: [{ error: { status: 403, code: "BRAND_NEW", message: "" } }],
      });
      expect(await suite.toss.confirm(request)).to.deep.equal({
        outcome: "unknown",
        cause: "temporary",
        code: "BRAND_NEW",
      });
      expect(errors()).to.have.length(1);
    });

    it("queries the payment when the charge was made before", async () => {
      const done = await charged();
      expect((await suite.toss.confirm({ ...done, idempotencyKey: "again" })).outcome).to.equal("succeeded");
      await suite.psp.sim.cancel(done.paymentKey, 1_000);
      expect((await suite.toss.confirm({ ...done, idempotencyKey: "thrice" })).outcome).to.equal("reversed");
      const declined = await authorized({
        confirm: [{ error: { status: 403, code: "REJECT_CARD_PAYMENT", message: "" } }],
      });
      expect(await suite.toss.confirm(declined)).to.include({
        outcome: "declined",
        code: "REJECT_CARD_PAYMENT",
      });
      const again = await suite.toss.confirm({ ...declined, idempotencyKey: "again2" });
      expect(again).to.include({ outcome: "declined", code: "REJECT_CARD_PAYMENT" });
      const left = await authorized();
      await suite.psp.sim.expire(left.paymentKey);
      expect(await suite.toss.confirm(left)).to.include({ outcome: "declined", code: "EXPIRED_PAYMENT" });
    });

    it("declines when the buyer's card is refused", async () => {
      const chargeId = newOrderId();
      const paymentKey = await suite.psp.sim.authorize(chargeId, 10_000, "declinedCard");
      const answer = await suite.toss.confirm({
        chargeId,
        paymentKey,
        amountPoints: 10_000n,
        idempotencyKey: chargeId,
      });
      expect(answer).to.include({ outcome: "declined", code: "REJECT_CARD_PAYMENT" });
    });

    it("does not succeed while a deposit is awaited", async () => {
      const chargeId = newOrderId();
      const paymentKey = await suite.psp.sim.authorize(chargeId, 10_000, "virtualAccount");
      const answer = await suite.toss.confirm({
        chargeId,
        paymentKey,
        amountPoints: 10_000n,
        idempotencyKey: chargeId,
      });
      expect(answer).to.include({ outcome: "notYet" });
    });

    const lost: [string, Step, PspAnswer, number][] = [
      ["dropped before the charge", { drop: "before" }, { outcome: "unknown", cause: "connection" }, 0],
      ["dropped after the charge", { drop: "after" }, { outcome: "unknown", cause: "connection" }, 10_000],
      ["never given, without the charge", { hang: "before" }, { outcome: "unknown", cause: "timeout" }, 0],
      ["never given, after the charge", { hang: "after" }, { outcome: "unknown", cause: "timeout" }, 10_000],
      ["given too late", { held: true }, { outcome: "unknown", cause: "timeout" }, 10_000],
      ["no JSON", { garbage: true }, { outcome: "unknown", cause: "malformed" }, 10_000],
      ["about another amount", { amount: 1 }, { outcome: "unknown", cause: "mismatch" }, 10_000],
      [
        "about another charge",
        { orderId: "somebodyElse" },
        { outcome: "unknown", cause: "mismatch" },
        10_000,
      ],
      [
        "an error although the charge was made",
        { error: { status: 500, code: "FAILED_INTERNAL_SYSTEM_PROCESSING", message: "" }, charge: true },
        { outcome: "unknown", cause: "temporary", code: "FAILED_INTERNAL_SYSTEM_PROCESSING" },
        10_000,
      ],
    ];
    for (const [name, step, expected, amount] of lost) {
      it(`learns nothing from an answer that is ${name}, but from find`, async () => {
        const request = await authorized({ confirm: [step] });
        const isTimeout = expected.outcome === "unknown" && expected.cause === "timeout";
        const answer = await connect({ timeoutMs: isTimeout ? 1_000 : 30_000 }).confirm(request);
        expect(answer).to.deep.equal(expected);
        await until(async () => (await capturedOf(request.chargeId)) === amount, "the ledger shows it");
        await suite.psp.sim.script(request.chargeId, {});
        expect((await suite.toss.find(request.chargeId)).outcome).to.equal(
          amount > 0 ? "succeeded" : "notYet",
        );
        if (
          expected.outcome === "unknown" &&
          ["connection", "timeout", "malformed"].includes(expected.cause)
        ) {
          const repeated = async () => (await suite.toss.confirm(request)).outcome === "succeeded";
          await until(repeated, "the same key brings the answer");
          expect(await capturedOf(request.chargeId)).to.equal(10_000);
        }
      });
    }

    it("reports unknown while a charge is late, and never makes a second", async () => {
      const request = await authorized({
        confirm: [{ chargeAfterMs: 0, held: true, drop: "before" }],
      });
      expect(await suite.toss.confirm(request)).to.include({ outcome: "unknown", cause: "connection" });
      expect(await suite.toss.confirm(request)).to.include({ code: "IDEMPOTENT_REQUEST_PROCESSING" });
      const rival = await suite.toss.confirm({ ...request, idempotencyKey: `${request.chargeId}-2` });
      expect(rival).to.include({ outcome: "unknown", cause: "temporary" });
      expect(await suite.toss.find(request.chargeId)).to.have.nested.property("payment.status", "authorized");
      await suite.psp.sim.script(request.chargeId, {});
      await until(
        async () => (await suite.toss.find(request.chargeId)).outcome === "succeeded",
        "the charge is made",
      );
      expect((await suite.toss.confirm(request)).outcome).to.equal("succeeded");
      expect(await capturedOf(request.chargeId)).to.equal(10_000);
    });

    it("does not mistake a duplicate answer for the next one", async () => {
      const request = await authorized({ confirm: [{ answerTwice: true }] });
      expect((await suite.toss.confirm(request)).outcome).to.equal("succeeded");
      const others = await Promise.all([1, 2, 3, 4].map(() => suite.toss.find(newOrderId())));
      for (const other of others) {
        expect(other.outcome).to.be.oneOf(["notYet", "unknown"]);
      }
    });

    it("refuses amounts that JSON cannot carry", async () => {
      const request = await authorized();
      for (const amountPoints of [0n, -1n, 2n ** 53n]) {
        const refusal = await suite.toss
          .confirm({ ...request, amountPoints })
          .catch((error: unknown) => error);
        expect(refusal).to.be.instanceOf(RangeError);
      }
    });

    it("reports a wrong secret key as our own fault", async () => {
      const request = await authorized();
      expect(await connect({ secretKey: "wrong" }).confirm(request)).to.include({ cause: "refused" });
      expect(errors()).to.have.length(1);
      expect(JSON.stringify(logged())).not.to.include(secretKey);
    });

    it("tells a key that cannot pay the order, without an error", async () => {
      const [request, other, left] = [await authorized(), await authorized(), await authorized()];
      const opened = new URL(`${suite.psp.url}/pay`);
      opened.search = new URLSearchParams({
        ...{ clientKey, orderId: left.chargeId, orderName: "포인트", amount: "10000" },
        ...{ successUrl: `${shopOrigin}/ok`, failUrl: `${shopOrigin}/no` },
      }).toString();
      const page = await (await fetch(opened)).text();
      const notPaid = /name="paymentKey" value="([^"]+)"/.exec(page)?.[1] ?? "";
      const asked = [
        { ...request, paymentKey: "made-up" },
        { ...request, paymentKey: other.paymentKey },
        { ...request, amountPoints: 9_999n },
        { ...left, paymentKey: notPaid },
      ];
      for (const [index, each] of asked.entries()) {
        const answer = await suite.toss.confirm({ ...each, idempotencyKey: `${each.chargeId}-${index + 7}` });
        expect(answer, `${index}`).to.deep.equal({ outcome: "unknownKey" });
      }
      for (const code of ["INVALID_REQUEST", "FORBIDDEN_REQUEST", "BRAND_NEW"]) {
        const unknown = await authorized({ confirm: [{ error: { status: 400, code, message: "" } }] });
        const answer = await suite.toss.confirm({ ...unknown, paymentKey: "made-up" });
        expect(answer, code).to.deep.equal({ outcome: "unknownKey" });
      }
      expect(errors()).to.deep.equal([]);
      expect((await suite.toss.confirm(request)).outcome).to.equal("succeeded");
    });

    it("does not blame the key of an order that was paid, has ended, or cannot be read", async () => {
      const paid = await charged();
      const again = { ...paid, paymentKey: "made-up", idempotencyKey: "again3" };
      expect((await suite.toss.confirm(again)).outcome).to.equal("succeeded");
      const ended = await authorized();
      await suite.psp.sim.expire(ended.paymentKey);
      expect((await suite.toss.confirm(ended)).outcome).to.equal("declined");
      const dark = await authorized({ find: [{ drop: "before" }] });
      const answer = await suite.toss.confirm({ ...dark, paymentKey: "made-up" });
      expect(answer).to.deep.equal({ outcome: "unknown", cause: "connection" });
    });
  });
});
