import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { expect } from "chai";
import { ChargeState, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import {
  age,
  captureAtPsp,
  openPointSuite,
  order,
  type Payer,
  type PointSuite,
  requireBalanced,
  untilState,
} from "../support/psp/point-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { startReplica } from "../support/stack/replica.ts";
import { until } from "../support/stack/until.ts";

describe("an open order of points", () => {
  let suite: PointSuite;
  let payer: Payer;

  before(async () => {
    suite = await openPointSuite();
  });
  beforeEach(async () => {
    payer = await suite.payer();
  });
  afterEach(() => requireBalanced(suite.sql, payer.userId));
  after(() => suite?.close());

  const stateOf = async (chargeId: string) => (await payer.points.getCharge({ chargeId })).charge?.state;
  const reasonOf = async (call: Promise<unknown>) => (await refusalOf(call)).reason;
  const seenByOperators = async (chargeId: string) => {
    const [{ charges }, { discrepancies }] = await Promise.all([
      suite.admin.listOpenCharges({ pageSize: 100 }),
      suite.admin.listDiscrepancies({ pageSize: 100, includeResolved: true }),
    ]);
    return (
      charges.some(({ charge }) => charge?.chargeId === chargeId) ||
      discrepancies.some(found => found.chargeId === chargeId)
    );
  };
  const madeUp = ({ chargeId, amountPoints }: { chargeId: string; amountPoints: bigint }) => ({
    chargeId,
    amountPoints,
    paymentKey: `made-up-${crypto.randomUUID()}`,
  });
  /** A charge whose outcome the PSP does not tell for now. */
  async function unclear() {
    const paid = await suite.pay(payer);
    const unavailable = Array(90).fill({ drop: "before" });
    await suite.sim.script(paid.chargeId, { confirm: unavailable.slice(0, 1), find: unavailable });
    expect((await payer.points.confirmCharge(paid)).charge?.state).to.equal(ChargeState.CONFIRMING);
    return paid;
  }

  describe("whose payment key the PSP does not know", () => {
    it("stays open and is paid with another key, and no operator sees it", async () => {
      const paid = await suite.pay(payer);
      for (let attempt = 1; attempt <= 4; attempt++) {
        const confirming = payer.points.confirmCharge(madeUp(paid));
        expect(await reasonOf(confirming)).to.equal("INVALID_CHARGE_POINT_PAYMENT");
        expect(await stateOf(paid.chargeId)).to.equal(ChargeState.ORDERED);
        expect(await seenByOperators(paid.chargeId)).to.equal(false);
      }
      expect((await payer.points.confirmCharge(paid)).charge?.state).to.equal(ChargeState.CHARGED);
    });

    it("stays open when it was paid with another amount, or the key is of another order", async () => {
      const { chargeId, amountPoints } = await order(payer);
      const cheap = await suite.sim.authorize(chargeId, 100);
      const other = await suite.pay(payer);
      for (const paymentKey of [cheap, other.paymentKey]) {
        const confirming = payer.points.confirmCharge({ chargeId, amountPoints, paymentKey });
        expect(await reasonOf(confirming)).to.equal("INVALID_CHARGE_POINT_PAYMENT");
      }
      expect(await stateOf(chargeId)).to.equal(ChargeState.ORDERED);
      expect(await seenByOperators(chargeId)).to.equal(false);
      expect((await payer.points.confirmCharge(other)).charge?.state).to.equal(ChargeState.CHARGED);
    });

    it("takes five such keys at most", async () => {
      const paid = await suite.pay(payer);
      for (let attempt = 1; attempt <= 5; attempt++) {
        await payer.points.confirmCharge(madeUp(paid)).catch(() => {});
      }
      expect(await reasonOf(payer.points.confirmCharge(paid))).to.equal("INVALID_CHARGE_POINT_PAYMENT");
      const { calls } = await suite.sim.charge(paid.chargeId);
      const keys = calls.filter(({ call }) => call === "confirm").map(call => call.idempotencyKey);
      expect(keys).to.deep.equal([1, 2, 3, 4, 5].map(attempt => `${paid.chargeId}-${attempt}`));
      await age(suite.sql, paid.chargeId);
      await untilState(payer, paid.chargeId, ChargeState.EXPIRED);
    });

    it("is an order again within seconds after a crash before the PSP is asked", async () => {
      const env = { FAILPOINT: "charge.confirming:kill", POINT_RECONCILE_CLAIM_MS: "500" };
      const replica = await startReplica(suite.stack, "point", env);
      try {
        const ordered = await order(payer);
        const transport = createConnectTransport({ baseUrl: replica.httpUrl, httpVersion: "1.1" });
        const headers = { authorization: `Bearer ${payer.token}` };
        await createClient(PointService, transport)
          .confirmCharge(madeUp(ordered), { headers })
          .then(
            () => expect.fail("the process did not die"),
            () => {},
          );
        expect(await stateOf(ordered.chargeId)).to.equal(ChargeState.CONFIRMING);
        await untilState(payer, ordered.chargeId, ChargeState.ORDERED);
      } finally {
        await replica.stop();
      }
    });
  });

  describe("that its buyer cancels", () => {
    it("is canceled once, and not paid any more", async () => {
      const paid = await suite.pay(payer);
      const { charge } = await payer.points.cancelCharge({ chargeId: paid.chargeId });
      expect(charge?.state).to.equal(ChargeState.CANCELLED);
      expect((await payer.points.cancelCharge({ chargeId: paid.chargeId })).charge).to.deep.equal(charge);
      const refusal = await refusalOf(payer.points.confirmCharge(paid));
      expect(refusal).to.deep.include({ reason: "CHARGE_NOT_OPEN", metadata: { state: "CANCELLED" } });
      const other = await suite.payer();
      expect(await reasonOf(other.points.cancelCharge({ chargeId: paid.chargeId }))).to.equal("NOT_FOUND");
      const unknown = payer.points.cancelCharge({ chargeId: crypto.randomUUID() });
      expect(await reasonOf(unknown)).to.equal("NOT_FOUND");
      expect(await reasonOf(payer.points.cancelCharge({ chargeId: "?" }))).to.equal("BAD_REQUEST");
    });

    it("makes room for another", async () => {
      const open = await Promise.all(Array.from({ length: 20 }, () => order(payer)));
      expect(await reasonOf(order(payer))).to.equal("TOO_MANY_OPEN_CHARGES");
      await payer.points.cancelCharge({ chargeId: open[3]?.chargeId ?? "" });
      const { chargeId } = await order(payer);
      expect(await reasonOf(order(payer))).to.equal("TOO_MANY_OPEN_CHARGES");
      expect(await stateOf(chargeId)).to.equal(ChargeState.ORDERED);
    });

    it("is credited all the same when the PSP had taken the money", async () => {
      const { chargeId, amountPoints } = await order(payer);
      await suite.sim.script(chargeId, { webhook: { times: 0 } });
      const paid = { chargeId, amountPoints, paymentKey: await suite.sim.authorize(chargeId, 5_000) };
      await captureAtPsp(suite, paid);
      await payer.points.cancelCharge({ chargeId });
      await untilState(payer, paid.chargeId, ChargeState.CHARGED);
      const again = payer.points.cancelCharge({ chargeId: paid.chargeId });
      expect(await reasonOf(again)).to.equal("CHARGE_NOT_OPEN");
    });

    it("is either canceled or confirmed when both are asked at once", async () => {
      for (let round = 0; round < 5; round++) {
        const paid = await suite.pay(payer);
        const [cancelled, confirmed] = await Promise.allSettled([
          payer.points.cancelCharge({ chargeId: paid.chargeId }),
          payer.points.confirmCharge(paid),
        ]);
        expect(cancelled.status).not.to.equal(confirmed.status);
        const expected = confirmed.status === "fulfilled" ? ChargeState.CHARGED : ChargeState.CANCELLED;
        await untilState(payer, paid.chargeId, expected);
      }
    });
  });

  it("counts while it is being confirmed", async () => {
    const paid = await unclear();
    for (let count = 1; count < 20; count++) {
      await order(payer);
    }
    expect(await reasonOf(order(payer))).to.equal("TOO_MANY_OPEN_CHARGES");
    await suite.sim.script(paid.chargeId, {});
    await untilState(payer, paid.chargeId, ChargeState.CHARGED);
  });

  it("is not checked more often because its buyer asks more often", async () => {
    const paid = await unclear();
    const scheduled = async () => {
      const [task] = await suite.sql.query(
        "SELECT attempts FROM task WHERE kind = 'charge' AND id = ? AND claimed_until IS NULL",
        [paid.chargeId],
      );
      return task === undefined ? undefined : Number(task.attempts);
    };
    const postpone = () =>
      suite.sql.query(
        `UPDATE task SET due_time = NOW(6) + INTERVAL 1 HOUR, hurried_attempts = NULL, attempts = 30
          WHERE kind = 'charge' AND id = ? AND claimed_until IS NULL`,
        [paid.chargeId],
      );
    await until(async () => (await postpone()).affectedRows === 1, "the next check is far away");
    await payer.points.confirmCharge(paid);
    // However many attempts follow until then.
    const hurried = () =>
      suite.sql.query(
        `UPDATE task SET due_time = NOW(6) + INTERVAL 1 HOUR, attempts = 31
          WHERE kind = 'charge' AND id = ? AND claimed_until IS NULL AND attempts > 30`,
        [paid.chargeId],
      );
    await until(async () => (await hurried()).affectedRows === 1, "the buyer is worth one check");
    const before = (await suite.sim.charge(paid.chargeId)).calls.length;
    for (let count = 0; count < 20; count++) {
      await payer.points.confirmCharge(paid);
    }
    const [task] = await suite.sql.query("SELECT due_time > NOW(6) AS later FROM task WHERE id = ?", [
      paid.chargeId,
    ]);
    expect([Number(task.later), await scheduled()]).to.deep.equal([1, 31]);
    expect((await suite.sim.charge(paid.chargeId)).calls).to.have.length(before);
    await suite.sim.script(paid.chargeId, {});
    await suite.webhook({ eventType: "PAYMENT_STATUS_CHANGED", data: { orderId: paid.chargeId } });
    await untilState(payer, paid.chargeId, ChargeState.CHARGED);
  });

  describe("that an operator closes", () => {
    const close = (chargeId: string) =>
      suite.admin.closeCharge({ chargeId, reason: "the PSP has no answer" });

    it("leaves the list of open charges, with its reason in the audit log", async () => {
      const paid = await unclear();
      expect(await seenByOperators(paid.chargeId)).to.equal(true);
      const { charge } = await close(paid.chargeId);
      expect(charge?.state).to.equal(ChargeState.CLOSED);
      expect((await close(paid.chargeId)).charge).to.deep.equal(charge);
      expect(await seenByOperators(paid.chargeId)).to.equal(false);
      const audited = await suite.sql.query(
        "SELECT admin_user_id, detail FROM audit_log WHERE action = 'point.close-charge' AND subject = ?",
        [paid.chargeId],
      );
      expect(audited).to.have.length(1);
      expect(JSON.stringify(audited[0].detail)).to.include("the PSP has no answer");
      const refusal = await refusalOf(payer.points.confirmCharge(paid));
      expect(refusal).to.deep.include({ reason: "CHARGE_NOT_OPEN", metadata: { state: "CLOSED" } });
      await suite.webhook({ eventType: "PAYMENT_STATUS_CHANGED", data: { orderId: paid.chargeId } });
      await until(async () => {
        const tasks = await suite.sql.query("SELECT 1 FROM task WHERE id = ?", [paid.chargeId]);
        return tasks.length === 0;
      }, "nothing is left to check, although the PSP does not answer");
      await suite.sim.script(paid.chargeId, {});
      await captureAtPsp(suite, paid);
      await untilState(payer, paid.chargeId, ChargeState.CHARGED);
    });

    it("must be late or in confirmation", async () => {
      const [open, late] = [await order(payer), await order(payer)];
      expect(await reasonOf(close(open.chargeId))).to.equal("CHARGE_NOT_OPEN");
      await suite.sim.script(late.chargeId, { find: Array(90).fill({ drop: "before" }) });
      await age(suite.sql, late.chargeId);
      expect((await close(late.chargeId)).charge?.state).to.equal(ChargeState.CLOSED);
      expect(await reasonOf(close(crypto.randomUUID()))).to.equal("NOT_FOUND");
      expect(await reasonOf(close("?"))).to.equal("BAD_REQUEST");
    });
  });
});
