import { expect } from "chai";
import { createPgSim } from "../dev/pg/sim-client.ts";
import { ChargeState, DiscrepancyKind } from "../gen/questioncloud/point/v1/point_pb.ts";
import { refusalOf } from "./support/clients.ts";
import {
  age,
  captureAtGateway,
  openPointSuite,
  order,
  type PaidOrder,
  type Payer,
  type PointSuite,
  requireBalanced,
  statusChanged,
  untilState,
} from "./support/point-suite.ts";
import { startReplica } from "./support/replica.ts";
import { until } from "./support/until.ts";

describe("the gateway's webhooks", () => {
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

  const balance = async () => (await payer.points.getWallet({})).wallet?.balancePoints;
  const chargeRow = async (chargeId: string) =>
    (
      await suite.sql.query("SELECT hints, watched, claimed_by FROM charge WHERE charge_id = ?", [chargeId])
    )[0];
  const untilLookedAt = (chargeId: string) =>
    until(async () => {
      const { watched, claimed_by: claimedBy } = await chargeRow(chargeId);
      return watched === 0 && claimedBy === null;
    }, "the charge was looked at");
  async function charge(): Promise<PaidOrder> {
    const paid = await suite.pay(payer);
    await payer.points.confirmCharge(paid);
    return paid;
  }

  it("bring a charge to its end that nobody asks about", async () => {
    const paid = await suite.pay(payer);
    await suite.sim.script(paid.chargeId, { webhook: { times: 3 } });
    await captureAtGateway(suite, paid);
    await untilState(payer, paid.chargeId, ChargeState.CHARGED);
    await untilLookedAt(paid.chargeId);
    expect(await balance()).to.equal(5_000n);
  });

  it("race the caller and the reconciler for one credit", async () => {
    for (let round = 0; round < 5; round++) {
      const paid = await suite.pay(payer);
      await suite.sim.script(paid.chargeId, { confirm: [{ delayMs: 100 }], webhook: { times: 3 } });
      const hints = Array.from({ length: 5 }, () => suite.webhook(statusChanged(paid.chargeId)));
      await Promise.all([payer.points.confirmCharge(paid), payer.points.confirmCharge(paid), ...hints]);
      await untilState(payer, paid.chargeId, ChargeState.CHARGED);
    }
    expect(await balance()).to.equal(25_000n);
  });

  it("change nothing when they are forged", async () => {
    const paid = await suite.pay(payer);
    const { chargeId } = paid;
    const before = (await chargeRow(chargeId)).hints;
    for (const body of [
      statusChanged(chargeId),
      statusChanged(chargeId, "CANCELED"),
      statusChanged(crypto.randomUUID()),
      statusChanged("../../etc/passwd"),
      { secret: "x", status: "DONE", orderId: chargeId },
      "not json",
      "",
    ]) {
      expect((await suite.webhook(body)).status).to.equal(200);
    }
    await until(async () => (await chargeRow(chargeId)).hints >= before + 3, "the hints came");
    await until(async () => (await chargeRow(chargeId)).claimed_by === null, "the charge was looked at");
    expect((await payer.points.getCharge(paid)).charge?.state).to.equal(ChargeState.ORDERED);
    expect((await payer.points.confirmCharge(paid)).charge?.state).to.equal(ChargeState.CHARGED);
    await suite.webhook(statusChanged(chargeId, "ABORTED"));
    await untilLookedAt(chargeId);
    expect((await payer.points.getCharge(paid)).charge?.state).to.equal(ChargeState.CHARGED);
  });

  it("are heard so often per charge and address, and answered always", async () => {
    const replica = await startReplica(suite.stack, "point", {
      POINT_WEBHOOK_CHARGE_PER_MINUTE: "3",
      POINT_WEBHOOK_ADDRESS_PER_MINUTE: "8",
    });
    try {
      const [one, other] = [await order(payer), await order(payer)];
      const address = `192.0.2.${Math.floor(Math.random() * 255)}-${crypto.randomUUID()}`;
      const send = (body: object | string) =>
        fetch(`${replica.httpUrl}/webhooks/toss`, {
          method: "POST",
          body: typeof body === "string" ? body : JSON.stringify(body),
          headers: { "x-forwarded-for": address },
        });
      for (const { chargeId } of [...Array(6).fill(one), ...Array(6).fill(other)]) {
        expect((await send(statusChanged(chargeId))).status).to.equal(200);
      }
      const rows = [await chargeRow(one.chargeId), await chargeRow(other.chargeId)];
      expect(rows.map(({ hints }) => hints)).to.deep.equal([3, 2]);
      expect((await send("x".repeat(70_000))).status).to.equal(200);
    } finally {
      await replica.stop();
    }
  });

  it("lead to the credit of a charge that had ended, when the gateway says it was paid", async () => {
    const [expired, failed] = [await suite.pay(payer), await suite.pay(payer)];
    await age(suite.sql, expired.chargeId);
    await untilState(payer, expired.chargeId, ChargeState.EXPIRED);
    await suite.sim.script(failed.chargeId, {
      confirm: [{ error: { status: 403, code: "REJECT_CARD_PAYMENT", message: "거절" } }],
    });
    await payer.points.confirmCharge(failed);
    await untilState(payer, failed.chargeId, ChargeState.FAILED);
    const second = await createPgSim(suite.stack.pgUrl).authorize(expired.chargeId, 5_000);
    await captureAtGateway(suite, { ...expired, paymentKey: second });
    await untilState(payer, expired.chargeId, ChargeState.CHARGED);
    expect(await balance()).to.equal(5_000n);
  });

  it("show people a payment that the gateway gave back", async () => {
    const paid = await charge();
    await suite.sim.cancel(paid.paymentKey, 2_000);
    const found = () =>
      until(async () => {
        const { discrepancies } = await suite.admin.listDiscrepancies({});
        return discrepancies.find(({ chargeId }) => chargeId === paid.chargeId);
      }, "the difference is listed");
    const discrepancy = await found();
    expect(discrepancy).to.deep.include({
      kind: DiscrepancyKind.CANCELLED_AT_GATEWAY,
      ourAmountPoints: 5_000n,
      gatewayAmountPoints: 3_000n,
    });
    const { discrepancyId } = discrepancy;
    await untilLookedAt(paid.chargeId);
    const closed = await suite.admin.resolveDiscrepancy({ discrepancyId, note: "taken back" });
    const again = await suite.admin.resolveDiscrepancy({ discrepancyId, note: "another note" });
    expect(again.discrepancy).to.deep.equal(closed.discrepancy);
    expect((await suite.admin.listDiscrepancies({ includeResolved: true })).discrepancies[0]).to.deep.equal(
      closed.discrepancy,
    );
    await suite.webhook(statusChanged(paid.chargeId, "PARTIAL_CANCELED"));
    await untilLookedAt(paid.chargeId);
    const open = (await suite.admin.listDiscrepancies({})).discrepancies;
    expect(open.filter(({ chargeId }) => chargeId === paid.chargeId)).to.deep.equal([]);
    await suite.sim.cancel(paid.paymentKey);
    expect((await found()).gatewayAmountPoints).to.equal(0n);
    expect(await balance()).to.equal(5_000n);
    const unknown = suite.admin.resolveDiscrepancy({ discrepancyId: 999_999_999n, note: "?" });
    expect((await refusalOf(unknown)).reason).to.equal("NOT_FOUND");
  });
});
