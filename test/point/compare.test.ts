import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { DiscrepancyKind } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import { ChargeState } from "#gen/questioncloud/point/v1/point_pb.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { type App, createApp } from "#services/point/app.ts";
import { config } from "#services/point/config.ts";
import { koreanDayOf } from "#services/point/domain/korean-time.ts";
import { compareDay } from "#services/point/jobs/compare-day.ts";
import { compareDays } from "#services/point/jobs/compare-days.ts";
import type { Psp } from "#services/point/psp/psp.ts";
import { untilDayLasts } from "../support/psp/korean-day.ts";
import {
  captureAtPsp,
  openPointSuite,
  order,
  type Payer,
  type PointSuite,
  untilState,
} from "../support/psp/point-suite.ts";
import { until } from "../support/stack/until.ts";

describe("the comparison with the transactions of the PSP", () => {
  let suite: PointSuite;
  let payer: Payer;
  let app: App;
  const { signal } = new AbortController();

  before(async () => {
    suite = await openPointSuite();
    await untilDayLasts();
    payer = await suite.payer();
    app = await createApp(readConfig({ ...suite.stack.env, LOG_LEVEL: "silent" }, config));
  });
  after(async () => {
    await app?.close();
    await suite?.close();
  });

  const compareToday = () =>
    compareDay(app, { psp: app.psps.current, day: today(), isLastAttempt: false, signal });
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

  it("writes down a row that it cannot read, compares the others, and is done", async () => {
    const [broken, forgotten] = [await payWithoutWebhook(), await payWithoutWebhook()];
    await payer.points.confirmCharge(broken);
    await suite.sim.script(broken.chargeId, { transactions: { amount: "5,000" } });
    await captureAtPsp(suite, forgotten);
    await compareToday();
    expect(await kindsOf(broken.chargeId)).to.deep.equal([DiscrepancyKind.UNREADABLE]);
    expect(await stateOf(forgotten.chargeId)).to.equal(ChargeState.CHARGED);
  });

  it("is repeated for a charge that the PSP cannot tell, and at last writes it down", async () => {
    const forgotten = await payWithoutWebhook();
    await captureAtPsp(suite, forgotten);
    await suite.sim.script(forgotten.chargeId, { find: Array(8).fill({ drop: "before" }) });
    const first = await compareToday().catch(String);
    expect(first).to.include(forgotten.chargeId);
    expect(await kindsOf(forgotten.chargeId)).to.deep.equal([]);
    const options = { psp: app.psps.current, day: today(), isLastAttempt: true, signal };
    await compareDay(app, options);
    expect(await kindsOf(forgotten.chargeId)).to.deep.equal([DiscrepancyKind.MISSING_CREDIT]);
    await suite.sim.script(forgotten.chargeId, {});
    await compareToday();
    expect(await stateOf(forgotten.chargeId)).to.equal(ChargeState.CHARGED);
  });

  it("ends at once when the process stops, also while the PSP does not answer", async () => {
    const forgotten = await payWithoutWebhook();
    await captureAtPsp(suite, forgotten);
    await suite.sim.script(forgotten.chargeId, { find: [{ hang: "before" }] });
    const patient = await createApp(
      readConfig({ ...suite.stack.env, LOG_LEVEL: "silent", POINT_TOSS_TIMEOUT_MS: "120000" }, config),
    );
    try {
      const stop = new AbortController();
      const options = { psp: patient.psps.current, day: today(), isLastAttempt: true, signal: stop.signal };
      const comparing = compareDay(patient, options).catch(String);
      await until(async () => {
        const { calls } = await suite.sim.charge(forgotten.chargeId);
        return calls.some(({ call }) => call === "find");
      }, "the PSP is asked");
      stop.abort(new Error("stopped by the test"));
      expect(await comparing).to.include("stopped by the test");
      expect(await kindsOf(forgotten.chargeId)).to.deep.equal([]);
      await untilState(payer, forgotten.chargeId, ChargeState.CHARGED);
    } finally {
      await patient.close();
    }
  });

  describe("day by day", () => {
    const daysAgo = (age: number) => koreanDayOf(Date.now() - age * 86_400_000);
    const provider = `psp-${Date.now() % 1_000_000}`;
    const failing = new Set<string>();

    /** The comparison of a PSP of the test's own, which cannot list some days. */
    function jobOf(waitForStop = false) {
      const psp: Psp = {
        ...app.psps.current,
        name: provider,
        async *listTransactions(day, stop = signal) {
          if (waitForStop) {
            await new Promise(resolve => stop.addEventListener("abort", resolve));
            stop.throwIfAborted();
          }
          if (failing.has(day)) {
            throw new Error(`${day} cannot be listed`);
          }
          yield* [];
        },
      };
      const psps = { all: [psp], current: psp, named: () => psp };
      const compare = { pollMs: 1000, delayMs: 0, retryMs: 3_600_000 };
      return compareDays({ ...app, psps, config: { ...app.config, compare } });
    }
    const days = async () =>
      Object.fromEntries(
        (
          await suite.sql.query(
            `SELECT CAST(day AS CHAR) AS day, finish_time IS NOT NULL AS done, attempts, last_error
              FROM compared_day LEFT JOIN task ON kind = 'compare-day' AND id = CONCAT(provider, ':', day)
              WHERE provider = ?`,
            [provider],
          )
        ).map(
          ({ day, done, last_error: error }: { day: string; done: bigint; last_error: string | null }) => [
            day,
            Number(done) === 1 ? "done" : (error ?? "no task"),
          ],
        ),
      );
    async function runAll(): Promise<void> {
      while (await jobOf()(signal)) {
        // Each run compares one day.
      }
    }
    const makeDue = (attempts: number) =>
      suite.sql.query(
        "UPDATE task SET due_time = NOW(6), attempts = ? WHERE kind = 'compare-day' AND id LIKE ?",
        [attempts, `${provider}:%`],
      );

    before(async () => {
      await untilDayLasts();
      await suite.sql.query(
        `INSERT INTO charge (charge_id, user_id, request_id, provider, package, amount_points, state, create_time,
           expire_time) VALUES (?, ?, ?, ?, 'A', 1000, 'EXPIRED', NOW(6) - INTERVAL 40 DAY, NOW(6))`,
        [uuidv7(), payer.userId, uuidv7(), provider],
      );
    });

    it("compares every day that is over, and one that fails holds up no other", async () => {
      failing.add(daysAgo(35)).add(daysAgo(1));
      await runAll();
      const seen = await days();
      expect(Object.keys(seen)).to.deep.equal(Array.from({ length: 40 }, (_, index) => daysAgo(40 - index)));
      for (const [day, how] of Object.entries(seen)) {
        expect(how, day).to.equal(failing.has(day) ? `Error: ${day} cannot be listed` : "done");
      }
    });

    it("never leaves out a day silently", async () => {
      await makeDue(5);
      await runAll();
      for (const day of failing) {
        expect(await kindsOf(day), day).to.deep.equal([DiscrepancyKind.UNREADABLE]);
      }
      failing.clear();
      await makeDue(6);
      await runAll();
      expect(new Set(Object.values(await days()))).to.deep.equal(new Set(["done"]));
      const left = await suite.sql.query("SELECT id FROM task WHERE id LIKE ?", [`${provider}:%`]);
      expect(left).to.deep.equal([]);
    });

    it("gives a day back when the process stops", async () => {
      const day = daysAgo(1);
      await suite.sql.query("UPDATE compared_day SET finish_time = NULL WHERE provider = ? AND day = ?", [
        provider,
        day,
      ]);
      await suite.sql.query("INSERT INTO task (kind, id, due_time) VALUES ('compare-day', ?, NOW(6))", [
        `${provider}:${day}`,
      ]);
      const stop = new AbortController();
      const running = jobOf(true)(stop.signal);
      await until(async () => {
        const [task] = await suite.sql.query("SELECT owner FROM task WHERE id = ?", [`${provider}:${day}`]);
        return task.owner !== null;
      }, "the day is claimed");
      stop.abort();
      await running;
      expect((await days())[day]).to.equal("stopped");
      await runAll();
      expect((await days())[day]).to.equal("done");
    });
  });
});
