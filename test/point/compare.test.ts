import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { DiscrepancyKind } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import { ChargeState } from "#gen/questioncloud/point/v1/point_pb.ts";
import { readConfig } from "#kit/process/config.ts";
import { type App, createApp } from "#services/point/app.ts";
import { config } from "#services/point/config.ts";
import { koreanDayOf } from "#services/point/domain/compared-days.ts";
import { compareDay } from "#services/point/jobs/compare-day.ts";
import { compareDays } from "#services/point/jobs/compare-days.ts";
import {
  captureAtPsp,
  openPointSuite,
  order,
  type Payer,
  type PointSuite,
} from "../support/psp/point-suite.ts";

describe("the comparison with the transactions of the PSP", () => {
  let suite: PointSuite;
  let payer: Payer;
  let app: App;
  const { signal } = new AbortController();

  before(async () => {
    suite = await openPointSuite();
    payer = await suite.payer();
    app = await createApp(readConfig({ ...suite.stack.env, LOG_LEVEL: "silent" }, config));
  });
  after(async () => {
    await app?.close();
    await suite?.close();
  });

  const compareToday = () => compareDay(app, { psp: app.psps.current, day: today(), signal });
  const today = () => koreanDayOf(Date.now());
  async function kindsOf(chargeId: string): Promise<DiscrepancyKind[]> {
    const { discrepancies } = await suite.admin.listDiscrepancies({ pageSize: 100 });
    return discrepancies.filter(found => found.chargeId === chargeId).map(({ kind }) => kind);
  }
  async function payWithoutWebhook() {
    const { chargeId, amountPoints } = await order(payer);
    await suite.sim.script(chargeId, { webhook: { times: 0 } });
    return { chargeId, amountPoints, paymentKey: await suite.sim.authorize(chargeId, 5_000) };
  }
  const stateOf = async (chargeId: string) => (await payer.points.getCharge({ chargeId })).charge?.state;

  it("credits a payment that never reached us, and finds nothing else", async () => {
    const [forgotten, known] = [await payWithoutWebhook(), await payWithoutWebhook()];
    await captureAtPsp(suite, forgotten);
    await payer.points.confirmCharge(known);
    expect(await compareToday()).to.be.greaterThan(1);
    expect(await stateOf(forgotten.chargeId)).to.equal(ChargeState.CHARGED);
    expect([await kindsOf(forgotten.chargeId), await kindsOf(known.chargeId)]).to.deep.equal([[], []]);
  });

  it("finds payments that belong to no charge, once", async () => {
    const chargeId = uuidv7();
    const paymentKey = await suite.sim.authorize(chargeId, 7_000);
    await captureAtPsp(suite, { chargeId, paymentKey, amountPoints: 7_000n });
    await compareToday();
    await compareToday();
    expect(await kindsOf(chargeId)).to.deep.equal([DiscrepancyKind.MISSING_CREDIT]);
  });

  it("finds a payment of another amount", async () => {
    const { chargeId } = await order(payer);
    await suite.sim.script(chargeId, { webhook: { times: 0 } });
    const paymentKey = await suite.sim.authorize(chargeId, 9_000);
    await captureAtPsp(suite, { chargeId, paymentKey, amountPoints: 9_000n });
    await compareToday();
    expect(await kindsOf(chargeId)).to.deep.equal([DiscrepancyKind.AMOUNT]);
    expect(await stateOf(chargeId)).to.equal(ChargeState.ORDERED);
  });

  it("finds a credit without a payment", async () => {
    const { chargeId } = await order(payer);
    await suite.sql.query("UPDATE charge SET state = 'CHARGED', approve_time = NOW(6) WHERE charge_id = ?", [
      chargeId,
    ]);
    await compareToday();
    expect(await kindsOf(chargeId)).to.deep.equal([DiscrepancyKind.MISSING_PAYMENT]);
    await suite.sql.query("DELETE FROM charge WHERE charge_id = ?", [chargeId]);
    await suite.sql.query("DELETE FROM task WHERE kind = 'charge' AND id = ?", [chargeId]);
  });

  it("finds a payment that the PSP canceled", async () => {
    const [credited, uncredited] = [await payWithoutWebhook(), await payWithoutWebhook()];
    await payer.points.confirmCharge(credited);
    await captureAtPsp(suite, uncredited);
    await suite.sim.cancel(credited.paymentKey);
    await suite.sim.cancel(uncredited.paymentKey);
    await compareToday();
    expect(await kindsOf(credited.chargeId)).to.deep.equal([DiscrepancyKind.CANCELLED_AT_PSP]);
    expect(await kindsOf(uncredited.chargeId)).to.deep.equal([]);
  });

  it("compares each day that is over once", async () => {
    const { chargeId } = await order(payer);
    await suite.sql.query(
      "UPDATE charge SET create_time = create_time - INTERVAL 2 DAY WHERE charge_id = ?",
      [chargeId],
    );
    const next = compareDays({
      ...app,
      runWithLease: (_name, _leaseMs, work) => work(),
      config: { ...app.config, compare: { pollMs: 1000, delayMs: 0, daysMax: 10 } },
    });
    const [{ done }] = await suite.sql.query("SELECT COUNT(*) AS done FROM compared_day");
    const rounds = [await next(signal), await next(signal), await next(signal)];
    expect(rounds.filter(Boolean)).to.have.length(2 - Number(done));
    const days = await suite.sql.query("SELECT CAST(day AS CHAR) AS day FROM compared_day ORDER BY day");
    expect(days.map(({ day }: { day: string }) => day)).to.deep.equal(
      [2, 1].map(age => koreanDayOf(Date.now() - age * 86_400_000)),
    );
  });
});
