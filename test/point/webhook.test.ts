import { expect } from "chai";
import { DiscrepancyKind } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import { ChargeState } from "#gen/questioncloud/point/v1/point_pb.ts";
import {
  age,
  captureAtPsp,
  openPointSuite,
  order,
  type PaidOrder,
  type Payer,
  type PointSuite,
  requireBalanced,
  statusChanged,
  untilState,
} from "../support/psp/point-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { startReplica } from "../support/stack/replica.ts";
import { until } from "../support/stack/until.ts";

describe("PSP webhooks", () => {
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
  const taskOf = async (chargeId: string) => {
    const [task] = await suite.sql.query(
      `SELECT recheck_requested, owner, due_time > NOW(6) AS is_later FROM task WHERE kind = 'charge' AND id = ?`,
      [chargeId],
    );
    return task;
  };
  const untilChecked = (chargeId: string) =>
    until(async () => (await taskOf(chargeId)) === undefined, "nothing is left to check");
  async function charge(): Promise<PaidOrder> {
    const paid = await suite.pay(payer);
    await payer.points.confirmCharge(paid);
    return paid;
  }

  it("complete a charge that is never confirmed", async () => {
    const paid = await suite.pay(payer);
    await suite.sim.script(paid.chargeId, { webhook: { times: 3 } });
    await captureAtPsp(suite, paid);
    await untilState(payer, paid.chargeId, ChargeState.CHARGED);
    await untilChecked(paid.chargeId);
    expect(await balance()).to.equal(5_000n);
  });

  it("lead to one credit when they race the caller and the reconciler", async () => {
    for (let round = 0; round < 5; round++) {
      const paid = await suite.pay(payer);
      await suite.sim.script(paid.chargeId, { confirm: [{ delayMs: 100 }], webhook: { times: 3 } });
      const webhooks = Array.from({ length: 5 }, () => suite.webhook(statusChanged(paid.chargeId)));
      await Promise.all([payer.points.confirmCharge(paid), payer.points.confirmCharge(paid), ...webhooks]);
      await untilState(payer, paid.chargeId, ChargeState.CHARGED);
    }
    expect(await balance()).to.equal(25_000n);
  });

  it("change nothing when they are forged", async () => {
    const paid = await suite.pay(payer);
    const { chargeId } = paid;
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
    await until(async () => {
      const { calls } = await suite.sim.charge(chargeId);
      const { owner, is_later: isLater } = await taskOf(chargeId);
      return calls.some(({ call }) => call === "find") && owner === null && Number(isLater) === 1;
    }, "the charge was checked");
    expect((await payer.points.getCharge(paid)).charge?.state).to.equal(ChargeState.ORDERED);
    expect((await payer.points.confirmCharge(paid)).charge?.state).to.equal(ChargeState.CHARGED);
    await suite.webhook(statusChanged(chargeId, "ABORTED"));
    await untilChecked(chargeId);
    expect((await payer.points.getCharge(paid)).charge?.state).to.equal(ChargeState.CHARGED);
  });

  it("change nothing when they are stale", async () => {
    const paid = await charge();
    for (const status of ["READY", "IN_PROGRESS", "DONE", "ABORTED", "EXPIRED"]) {
      expect((await suite.webhook(statusChanged(paid.chargeId, status))).status).to.equal(200);
      await untilChecked(paid.chargeId);
    }
    expect((await payer.points.getCharge(paid)).charge?.state).to.equal(ChargeState.CHARGED);
    expect(await balance()).to.equal(5_000n);
  });

  it("request a limited number of rechecks per charge and sender; those beyond are to be repeated", async () => {
    const replica = await startReplica(suite.stack, "point", {
      POINT_WEBHOOK_CHARGE_PER_MINUTE: "3",
      POINT_WEBHOOK_ADDRESS_PER_MINUTE: "8",
    });
    try {
      const [one, other] = [await order(payer), await order(payer)];
      let address = `192.0.2.${Math.floor(Math.random() * 255)}-${crypto.randomUUID()}`;
      const send = (body: object | string) =>
        fetch(`${replica.httpUrl}/webhooks/toss`, {
          method: "POST",
          body: typeof body === "string" ? body : JSON.stringify(body),
          headers: { "x-forwarded-for": address },
        });
      expect([await countRechecks(one, send), await countRechecks(other, send)]).to.deep.equal([3, 2]);
      expect((await send("x".repeat(70_000))).status).to.equal(200);
      // Another sender, such as the PSP, is not limited by what this one sent.
      address = `198.51.100.${Math.floor(Math.random() * 255)}-${crypto.randomUUID()}`;
      expect(await countRechecks(one, send)).to.equal(3);
    } finally {
      await replica.stop();
    }
  });

  /** Sends six webhooks about a charge whose task is claimed, and counts those that request a recheck. */
  async function countRechecks(
    { chargeId }: Pick<PaidOrder, "chargeId">,
    send: (body: object) => Promise<Response>,
  ): Promise<number> {
    let rechecks = 0;
    for (let webhook = 0; webhook < 6; webhook++) {
      await suite.sql.query(
        `UPDATE task SET owner = 'test', claimed_until = NOW(6) + INTERVAL 1 MINUTE, recheck_requested = FALSE
          WHERE kind = 'charge' AND id = ?`,
        [chargeId],
      );
      const { status } = await send(statusChanged(chargeId));
      const requested = Number((await taskOf(chargeId)).recheck_requested);
      expect(status).to.equal(requested === 1 ? 200 : 429);
      rechecks += requested;
    }
    await suite.sql.query(
      "UPDATE task SET owner = NULL, claimed_until = NULL WHERE kind = 'charge' AND id = ?",
      [chargeId],
    );
    return rechecks;
  }

  it("lead to the credit of a charge that had expired, when the PSP says it was paid", async () => {
    const [expired, failed] = [await suite.pay(payer), await suite.pay(payer)];
    await age(suite.sql, expired.chargeId);
    await untilState(payer, expired.chargeId, ChargeState.EXPIRED);
    await suite.sim.script(failed.chargeId, {
      confirm: [{ error: { status: 403, code: "REJECT_CARD_PAYMENT", message: "거절" } }],
    });
    await payer.points.confirmCharge(failed);
    await untilState(payer, failed.chargeId, ChargeState.FAILED);
    const second = await suite.sim.authorize(expired.chargeId, 5_000);
    await captureAtPsp(suite, { ...expired, paymentKey: second });
    await untilState(payer, expired.chargeId, ChargeState.CHARGED);
    expect(await balance()).to.equal(5_000n);
  });

  it("show operators a payment that the PSP no longer shows as paid", async () => {
    const [again, unknown] = [await charge(), await charge()];
    await suite.sim.script(again.chargeId, { find: [{ status: "WAITING_FOR_DEPOSIT" }] });
    const notFound = { status: 404, code: "NOT_FOUND_PAYMENT", message: "존재하지 않는 결제" };
    await suite.sim.script(unknown.chargeId, { find: [{ error: notFound }] });
    for (const { chargeId } of [again, unknown]) {
      await suite.webhook(statusChanged(chargeId, "WAITING_FOR_DEPOSIT"));
      const found = await until(async () => {
        const { discrepancies } = await suite.admin.listDiscrepancies({ pageSize: 100 });
        return discrepancies.find(each => each.chargeId === chargeId);
      }, "the difference is listed");
      expect(found).to.deep.include({
        kind: DiscrepancyKind.MISSING_PAYMENT,
        ourAmountPoints: 5_000n,
        pspAmountPoints: 0n,
      });
      await suite.admin.resolveDiscrepancy({ discrepancyId: found.discrepancyId, note: "checked" });
    }
    expect(await balance()).to.equal(10_000n);
  });

  it("show operators a payment that the PSP canceled", async () => {
    const paid = await charge();
    await suite.sim.cancel(paid.paymentKey, 2_000);
    const found = () =>
      until(async () => {
        const { discrepancies } = await suite.admin.listDiscrepancies({});
        return discrepancies.find(({ chargeId }) => chargeId === paid.chargeId);
      }, "the difference is listed");
    const discrepancy = await found();
    expect(discrepancy).to.deep.include({
      kind: DiscrepancyKind.CANCELLED_AT_PSP,
      ourAmountPoints: 5_000n,
      pspAmountPoints: 3_000n,
    });
    const { discrepancyId } = discrepancy;
    await untilChecked(paid.chargeId);
    const closed = await suite.admin.resolveDiscrepancy({ discrepancyId, note: "taken back" });
    const again = await suite.admin.resolveDiscrepancy({ discrepancyId, note: "another note" });
    expect(again.discrepancy).to.deep.equal(closed.discrepancy);
    expect((await suite.admin.listDiscrepancies({ includeResolved: true })).discrepancies[0]).to.deep.equal(
      closed.discrepancy,
    );
    await suite.webhook(statusChanged(paid.chargeId, "PARTIAL_CANCELED"));
    await untilChecked(paid.chargeId);
    const open = (await suite.admin.listDiscrepancies({})).discrepancies;
    expect(open.filter(({ chargeId }) => chargeId === paid.chargeId)).to.deep.equal([]);
    await suite.sim.cancel(paid.paymentKey);
    expect((await found()).pspAmountPoints).to.equal(0n);
    expect(await balance()).to.equal(5_000n);
    const unknown = suite.admin.resolveDiscrepancy({ discrepancyId: 999_999_999n, note: "?" });
    expect((await refusalOf(unknown)).reason).to.equal("NOT_FOUND");
  });
});
