import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { ChargeState, DiscrepancyKind } from "../gen/questioncloud/point/v1/point_pb.ts";
import { createDatabase, type Database } from "../kit/database.ts";
import { createLog } from "../kit/log.ts";
import { createOutbox } from "../kit/outbox.ts";
import { koreanDayOf } from "../services/point/compared-days.ts";
import { type ComparisonParts, compareDay, createDayComparison } from "../services/point/jobs/compare-day.ts";
import { createTossPg } from "../services/point/pg/toss.ts";
import { createPursuits } from "../services/point/pursuits.ts";
import {
  captureAtGateway,
  openPointSuite,
  order,
  type Payer,
  type PointSuite,
} from "./support/point-suite.ts";

describe("the comparison with the gateway's list", () => {
  let suite: PointSuite;
  let payer: Payer;
  let database: Database;
  let parts: ComparisonParts;

  before(async () => {
    suite = await openPointSuite();
    payer = await suite.payer();
    const { env } = suite.stack;
    database = createDatabase({ url: env.POINT_DATABASE_URL ?? "", poolSize: 4 });
    const pg = createTossPg({
      baseUrl: env.POINT_PG_API_URL ?? "",
      secretKey: env.POINT_PG_SECRET_KEY ?? "",
    });
    const log = createLog("point", "silent");
    const pause = { baseMs: 100, maxMs: 1000 };
    const outbox = createOutbox(() => {});
    const pursuits = createPursuits({
      instance: "test",
      claimMs: 10_000,
      maxUnderWay: 10,
      database,
      outbox,
      log,
      pg,
      pause,
    });
    parts = { database, log, pg, pursuits };
  });
  after(async () => {
    await database?.close();
    await suite?.close();
  });

  const today = () => koreanDayOf(Date.now());
  async function kindsOf(chargeId: string): Promise<DiscrepancyKind[]> {
    const { discrepancies } = await suite.admin.listDiscrepancies({ pageSize: 100 });
    return discrepancies.filter(found => found.chargeId === chargeId).map(({ kind }) => kind);
  }
  async function payUnheard() {
    const { chargeId, amountPoints } = await order(payer);
    await suite.sim.script(chargeId, { webhook: { times: 0 } });
    return { chargeId, amountPoints, paymentKey: await suite.sim.authorize(chargeId, 5_000) };
  }
  const stateOf = async (chargeId: string) => (await payer.points.getCharge({ chargeId })).charge?.state;

  it("credits what was paid and never told us, and finds nothing else", async () => {
    const [forgotten, known] = [await payUnheard(), await payUnheard()];
    await captureAtGateway(suite, forgotten);
    await payer.points.confirmCharge(known);
    expect(await compareDay(parts, today())).to.be.greaterThan(1);
    expect(await stateOf(forgotten.chargeId)).to.equal(ChargeState.CHARGED);
    expect([await kindsOf(forgotten.chargeId), await kindsOf(known.chargeId)]).to.deep.equal([[], []]);
  });

  it("finds payments that belong to no charge, once", async () => {
    const chargeId = uuidv7();
    const paymentKey = await suite.sim.authorize(chargeId, 7_000);
    await captureAtGateway(suite, { chargeId, paymentKey, amountPoints: 7_000n });
    await compareDay(parts, today());
    await compareDay(parts, today());
    expect(await kindsOf(chargeId)).to.deep.equal([DiscrepancyKind.MISSING_CREDIT]);
  });

  it("finds a payment of another amount", async () => {
    const { chargeId } = await order(payer);
    await suite.sim.script(chargeId, { webhook: { times: 0 } });
    const paymentKey = await suite.sim.authorize(chargeId, 9_000);
    await captureAtGateway(suite, { chargeId, paymentKey, amountPoints: 9_000n });
    await compareDay(parts, today());
    expect(await kindsOf(chargeId)).to.deep.equal([DiscrepancyKind.AMOUNT]);
    expect(await stateOf(chargeId)).to.equal(ChargeState.ORDERED);
  });

  it("finds a credit that nobody paid", async () => {
    const { chargeId } = await order(payer);
    await suite.sql.query("UPDATE charge SET state = 'CHARGED', approve_time = NOW(6) WHERE charge_id = ?", [
      chargeId,
    ]);
    await compareDay(parts, today());
    expect(await kindsOf(chargeId)).to.deep.equal([DiscrepancyKind.MISSING_PAYMENT]);
    await suite.sql.query("DELETE FROM charge WHERE charge_id = ?", [chargeId]);
  });

  it("finds what the gateway gave back", async () => {
    const [credited, uncredited] = [await payUnheard(), await payUnheard()];
    await payer.points.confirmCharge(credited);
    await captureAtGateway(suite, uncredited);
    await suite.sim.cancel(credited.paymentKey);
    await suite.sim.cancel(uncredited.paymentKey);
    await compareDay(parts, today());
    expect(await kindsOf(credited.chargeId)).to.deep.equal([DiscrepancyKind.CANCELLED_AT_GATEWAY]);
    expect(await kindsOf(uncredited.chargeId)).to.deep.equal([]);
  });

  it("takes each day that is over once", async () => {
    const { chargeId } = await order(payer);
    await suite.sql.query(
      "UPDATE charge SET create_time = create_time - INTERVAL 2 DAY WHERE charge_id = ?",
      [chargeId],
    );
    const runWithLease = <T>(_name: string, _leaseMs: number, work: () => Promise<T>) => work();
    const next = createDayComparison({ ...parts, runWithLease, leaseMs: 1000, delayMs: 0, daysMax: 10 });
    const [{ done }] = await suite.sql.query("SELECT COUNT(*) AS done FROM compared_day");
    const rounds = [await next(), await next(), await next()];
    expect(rounds.filter(Boolean)).to.have.length(2 - Number(done));
    const days = await suite.sql.query("SELECT CAST(day AS CHAR) AS day FROM compared_day ORDER BY day");
    expect(days.map(({ day }: { day: string }) => day)).to.deep.equal(
      [2, 1].map(age => koreanDayOf(Date.now() - age * 86_400_000)),
    );
  });
});
