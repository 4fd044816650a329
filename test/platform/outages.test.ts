import { SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { pino } from "pino";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { measureDeadLetters } from "#kit/events/measure-dead-letters.ts";
import { measureOutbox } from "#kit/events/measure-outbox.ts";
import { createMetrics, type Metrics } from "#kit/process/metrics.ts";
import { appendEvents, outboxRowsOf } from "../support/events/effects.ts";
import type { EventRuntime } from "../support/events/runtime.ts";
import { sharedRuntime } from "../support/events/shared-runtime.ts";
import { startTcpGate, type TcpGate } from "../support/stack/tcp-gate.ts";
import { until } from "../support/stack/until.ts";

const deadAddress = "http://127.0.0.1:1";

describe("an outage", () => {
  let runtime: EventRuntime;
  let metrics: Metrics;
  let messages: string[];
  const log = pino({ base: null }, { write: (line: string) => void messages.push(JSON.parse(line).msg) });

  before(async () => {
    runtime = await sharedRuntime();
  });
  beforeEach(() => {
    messages = [];
    metrics = createMetrics("outages");
  });

  describe("of MariaDB", () => {
    let gate: TcpGate;
    let database: Database;

    before(async () => {
      const url = new URL(runtime.env.PAY_DATABASE_URL ?? "");
      gate = await startTcpGate(Number(url.port));
      url.port = String(gate.port);
      database = createDatabase({
        url: url.toString(),
        // One connection, whose session a test can make read-only.
        poolSize: 1,
        observed: { log, metrics: createMetrics("outages") },
      });
    });
    after(async () => {
      await database?.close();
      await gate?.close();
    });

    it("is logged when it starts and when it ends, once each", async () => {
      await database.query("SELECT 1");
      gate.shut();
      for (let attempt = 0; attempt < 3; attempt++) {
        const error = await database.query("SELECT 1").catch((thrown: Error) => thrown);
        expect(error).to.include({ message: "SERVICE_UNAVAILABLE" });
      }
      gate.open();
      await until(() => database.query("SELECT 1").catch(() => false), "the database is available again");
      await database.transaction(tx => tx.query("SELECT 1"));
      expect(messages).to.deep.equal(["mariadb unavailable", "mariadb available again"]);
    });

    it("is distinguished from a server that is read-only", async () => {
      const write = () => database.execute("DELETE FROM inbox WHERE event_id = ''");
      await database.execute("SET SESSION TRANSACTION READ ONLY");
      for (let attempt = 0; attempt < 3; attempt++) {
        const error = await write().catch((thrown: Error) => thrown);
        expect(error).to.include({ message: "SERVICE_UNAVAILABLE" });
        await database.query("SELECT 1");
      }
      await database.execute("SET SESSION TRANSACTION READ WRITE");
      await write();
      expect(messages).to.deep.equal([
        "mariadb for writes unavailable",
        "mariadb for writes available again",
      ]);
    });
  });

  it("of SNS is logged once, however many events wait, and measured by the outbox", async () => {
    const database = await runtime.openSchema();
    const eventIds = await appendEvents(database, 3);
    const sns = new SNSClient({ region: "local", endpoint: deadAddress, maxAttempts: 1 });
    const relay = runtime.createRelay({ database, sns, metrics, log, retryMs: 1 });
    const retry = runtime.createRelay({ database, metrics, log });
    await database.execute("UPDATE outbox SET next_attempt_time = NOW(6) - INTERVAL 1 MINUTE");
    // The relay pauses after each failed run.
    await until(async () => {
      await relay();
      return (await metrics.published.get()).values[0]?.value === 9;
    }, "each event was tried three times");
    sns.destroy();
    expect(messages).to.deep.equal(["sns unavailable"]);
    await measureOutbox({ database, metrics })();
    expect(await read(metrics.outboxPending)).to.equal(3);
    expect(await read(metrics.outboxOldestAge)).to.be.within(60, 120);

    await retry();
    await measureOutbox({ database, metrics })();
    expect((await outboxRowsOf(database, eventIds)).map(({ state }) => state)).to.deep.equal(
      eventIds.map(() => "PUBLISHED"),
    );
    expect([await read(metrics.outboxPending), await read(metrics.outboxOldestAge)]).to.deep.equal([0, 0]);
    const { values } = await metrics.published.get();
    expect(values.map(({ labels, value }) => [labels.outcome, value])).to.deep.equal([
      ["failed", 9],
      ["published", 3],
    ]);
  });

  it("of the dead letter queues is logged once, and fails no job", async () => {
    const queues = ["coupon-on-purchase-cancelled"];
    const measure = measureDeadLetters(queues, { sqs: runtime.sqs, metrics, log });
    const { signal } = new AbortController();
    await measure(signal);
    expect(await read(metrics.deadLetters)).to.be.a("number");
    const missing = measureDeadLetters(["no-such"], { sqs: runtime.sqs, metrics, log });
    await missing(signal);
    await missing(signal);
    expect(messages).to.deep.equal(["dead letter queues unavailable"]);
  });
});

async function read(gauge: Metrics["outboxPending"] | Metrics["deadLetters"]): Promise<number | undefined> {
  return (await gauge.get()).values[0]?.value;
}
