import { expect } from "chai";
import { untilDayLasts } from "../support/psp/korean-day.ts";
import { newOrderId } from "../support/psp/psp.ts";
import { listed, openTossSuite } from "../support/psp/toss-suite.ts";

describe("Toss adapter, cancels", () => {
  const suite = openTossSuite();
  const { connect, charged } = suite;

  describe("cancel", () => {
    const part = (paymentKey: string, key: string, amountPoints = 4_000n) => ({
      paymentKey,
      amountPoints,
      reason: "고객 변심",
      idempotencyKey: key,
    });

    it("refunds a part, once per idempotency key", async () => {
      const { chargeId, paymentKey } = await charged();
      const first = await suite.toss.cancel(part(paymentKey, `${chargeId}-c1`));
      expect(first).to.have.nested.property("payment.balancePoints", 6_000n);
      expect(await suite.toss.cancel(part(paymentKey, `${chargeId}-c1`))).to.deep.equal(first);
      const second = await suite.toss.cancel(part(paymentKey, `${chargeId}-c2`));
      expect(second).to.have.nested.property("payment.balancePoints", 2_000n);
      const third = await suite.toss.cancel(part(paymentKey, `${chargeId}-c3`));
      expect(third).to.include({ outcome: "declined", code: "NOT_CANCELABLE_AMOUNT" });
      expect((await suite.psp.sim.ledger(chargeId)).totals.cancelled).to.equal(8_000);
    });

    it("is declined when the balance has changed", async () => {
      const { chargeId, paymentKey } = await charged();
      await suite.psp.sim.cancel(paymentKey, 1_000);
      const answer = await suite.toss.cancel({
        ...part(paymentKey, chargeId),
        expectedBalancePoints: 10_000n,
      });
      expect(answer).to.include({ outcome: "declined", code: "NOT_MATCHES_REFUNDABLE_AMOUNT" });
    });

    it("answers with the payment when all was refunded before", async () => {
      const { chargeId, paymentKey } = await charged();
      await suite.psp.sim.cancel(paymentKey);
      const answer = await suite.toss.cancel(part(paymentKey, chargeId));
      expect(answer).to.include({ outcome: "reversed" });
      expect(answer).to.have.nested.property("payment.balancePoints", 0n);
    });

    it("reports unknown when the answer is lost, and the outcome on a repeat with the same key", async () => {
      const { chargeId, paymentKey } = await charged({ cancel: [{ drop: "after" }] });
      expect(await suite.toss.cancel(part(paymentKey, chargeId))).to.include({ cause: "connection" });
      expect((await suite.toss.cancel(part(paymentKey, chargeId))).outcome).to.equal("succeeded");
      expect((await suite.psp.sim.ledger(chargeId)).totals.cancelled).to.equal(4_000);
    });
  });

  it("lists a day's transactions", async () => {
    await untilDayLasts();
    const { chargeId, paymentKey } = await charged();
    await suite.toss.cancel({ paymentKey, amountPoints: 1_500n, reason: "환불", idempotencyKey: chargeId });
    const day = (await suite.psp.api.find(chargeId)).body.approvedAt.slice(0, 10);
    const rows = (await listed(suite.toss, day)).filter(
      row => row.kind !== "unreadable" && row.chargeId === chargeId,
    );
    expect(rows.map(row => row.kind !== "unreadable" && [row.kind, row.amountPoints])).to.deep.equal([
      ["capture", 10_000n],
      ["cancel", 1_500n],
    ]);
    const refusal = await listed(connect({ secretKey: "wrong" }), day).catch(String);
    expect(refusal).to.include("UNAUTHORIZED_KEY");
  });

  it("reads from a webhook the charge and nothing else", () => {
    const read = (body: unknown) =>
      suite.toss.parseWebhook({}, Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));
    const chargeId = newOrderId();
    const data = { orderId: chargeId, status: "DONE", totalAmount: 1 };
    expect(read({ eventType: "PAYMENT_STATUS_CHANGED", createdAt: "x", data })).to.deep.equal({ chargeId });
    expect(
      read({ createdAt: "x", secret: "s", status: "DONE", transactionKey: "t", orderId: chargeId }),
    ).to.deep.equal({
      chargeId,
    });
    for (const body of [
      "",
      "null",
      "[]",
      { eventType: "PAYOUT_STATUS_CHANGED", data },
      { data },
      { eventType: "PAYMENT_STATUS_CHANGED", data: { orderId: "a b'; --" } },
      " ".repeat(70_000),
    ]) {
      expect(read(body)).to.equal(undefined);
    }
  });
});
