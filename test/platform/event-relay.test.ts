import { randomUUID } from "node:crypto";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import fc from "fast-check";
import type { Database } from "#kit/data/database.ts";
import { publishEvents } from "#kit/events/publish.ts";
import { topicArnPrefix } from "../support/events/delivery.ts";
import { appendEvents, effectsOf, outboxRowsOf, recordEffects } from "../support/events/effects.ts";
import { startReplica } from "../support/events/replica.ts";
import type { EventRuntime } from "../support/events/runtime.ts";
import { sharedRuntime } from "../support/events/shared-runtime.ts";
import { type SnsProxy, startSnsProxy } from "../support/events/sns-proxy.ts";
import { until } from "../support/stack/until.ts";

const topic = "pay-purchase-cancelled";
const subscribers = ["coupon", "point", "question"] as const;

describe("the outbox relay", () => {
  let runtime: EventRuntime;
  // A topic without subscribers, for tests that end before anything is delivered.
  let unsubscribedPrefix: string;
  let proxy: SnsProxy;

  before(async () => {
    runtime = await sharedRuntime();
    unsubscribedPrefix = `${topicArnPrefix(runtime.env)}unsubscribed-`;
    await runtime.sns.send(new CreateTopicCommand({ Name: `unsubscribed-${topic}` }));
  });
  beforeEach(async () => {
    proxy = await openProxy();
  });
  afterEach(() => proxy.stop());

  function openProxy(): Promise<SnsProxy> {
    return startSnsProxy(runtime.env.AWS_ENDPOINT_URL ?? "", runtime.env.AWS_REGION ?? "");
  }

  function createRelay(database: Database, sns = proxy.client, retryMs = 100) {
    return runtime.createRelay({ database, sns, topicArnPrefix: unsubscribedPrefix, retryMs });
  }
  type Relay = ReturnType<typeof createRelay>;

  async function runAll(relay: Relay): Promise<void> {
    while (await relay()) {
      // A slow SNS ends a run before all is sent.
    }
  }
  /** Makes postponed rows due now. */
  async function makeDue(database: Database): Promise<void> {
    await database.execute("UPDATE outbox SET next_attempt_time = NOW(6) WHERE state = 'PENDING'");
  }

  it("sends again only the entries that a response with status 200 reports as failed", async () => {
    const database = await runtime.openSchema();
    const eventIds = await appendEvents(database, 10);
    const refused = new Set(eventIds.slice(3, 6));
    proxy.refuseEntry = entry => refused.has(entry.id);
    await createRelay(database)();
    const rows = await outboxRowsOf(database, eventIds);
    expect(rows.map(row => row.state)).to.deep.equal(
      eventIds.map(id => (refused.has(id) ? "PENDING" : "PUBLISHED")),
    );
    expect(rows[3]?.lastError).to.equal("InternalError: try later");
    proxy.refuseEntry = () => false;
    await makeDue(database);
    await createRelay(database)();
    expect(proxy.batches.map(batch => batch.length)).to.deep.equal([10, 3]);
    const sentAgain = proxy.batches[1]?.map(entry => entry.id) ?? [];
    expect(new Set(sentAgain)).to.deep.equal(refused);
    const attempts = (await outboxRowsOf(database, eventIds)).map(row => row.attempts);
    expect(attempts).to.deep.equal(eventIds.map(id => (refused.has(id) ? 2 : 1)));
  });

  it("does not consider an entry published that was not acknowledged", async () => {
    const database = await runtime.openSchema();
    const eventIds = await appendEvents(database, 3);
    proxy.forgetAnswer = true;
    await createRelay(database)();
    const rows = await outboxRowsOf(database, eventIds);
    expect(rows.map(row => [row.state, row.lastError])).to.deep.equal(
      eventIds.map(() => ["PENDING", "not acknowledged"]),
    );
  });

  it("backs off, parks an event that keeps failing, and publishes the others meanwhile", async () => {
    const database = await runtime.openSchema();
    const eventIds = await appendEvents(database, 20, index => (index === 7 ? "POISON" : "REASON"));
    proxy.refuseBatch = batch => batch.some(entry => entry.body.includes("POISON"));
    for (let attempt = 1; attempt <= 4; attempt++) {
      const [before] = await database.query<{ time: string }>("SELECT CAST(NOW(6) AS CHAR) AS time");
      await createRelay(database)();
      const [row] = await database.query<{ least: string; most: string }>(
        `SELECT TIMESTAMPDIFF(MICROSECOND, NOW(6), next_attempt_time) / 1000 AS least,
           TIMESTAMPDIFF(MICROSECOND, ?, next_attempt_time) / 1000 AS most FROM outbox WHERE event_id = ?`,
        [before?.time ?? "", eventIds[7] ?? ""],
      );
      // The attempt was made between the two times.
      const fullMs = 100 * 2 ** (attempt - 1);
      expect(Number(row?.least), `after attempt ${attempt}`).to.be.at.most(fullMs);
      expect(Number(row?.most), `after attempt ${attempt}`).to.be.at.least(fullMs / 2);
      await makeDue(database);
    }
    const rows = await outboxRowsOf(database, eventIds);
    expect(rows.map(row => row.state)).to.deep.equal(
      eventIds.map((_, index) => (index === 7 ? "PARKED" : "PUBLISHED")),
    );
    expect(rows[7]).to.include({ attempts: 4 });
    expect(rows[7]?.lastError).to.match(/refused/);
    expect(Math.max(...rows.map(row => row.attempts).toSpliced(7, 1))).to.equal(3);
    const seenBefore = proxy.batches.length;
    await createRelay(database)();
    expect(proxy.batches).to.have.length(seenBefore);
  });

  it("parks nothing while SNS is unavailable, however long, and publishes everything afterwards", async () => {
    const database = await runtime.openSchema();
    const eventIds = await appendEvents(database, 30);
    const unavailable = new SNSClient({ region: "x", endpoint: "http://127.0.0.1:1", maxAttempts: 1 });
    for (let run = 0; run < 10; run++) {
      expect(await createRelay(database, unavailable)()).to.equal(false);
    }
    unavailable.destroy();
    const waiting = await outboxRowsOf(database, eventIds);
    expect(waiting.map(row => [row.state, row.attempts])).to.deep.equal(eventIds.map(() => ["PENDING", 0]));
    await createRelay(database)();
    const rows = await outboxRowsOf(database, eventIds);
    expect(rows.map(row => [row.state, row.attempts])).to.deep.equal(eventIds.map(() => ["PUBLISHED", 1]));
  });

  it("pauses after a call that failed, and tries again after its backoff", async () => {
    const database = await runtime.openSchema();
    const [eventId = ""] = await appendEvents(database, 1);
    let isUnavailable = true;
    const send = proxy.client.send.bind(proxy.client);
    const flaky = Object.assign(Object.create(proxy.client) as SNSClient, {
      send: (...call: Parameters<typeof send>) =>
        isUnavailable ? Promise.reject(new Error("connect ECONNREFUSED")) : send(...call),
    });
    const relays = [60_000, 100].map(retryMs => createRelay(database, flaky, retryMs));
    const [patient, relay] = relays as [Relay, Relay];
    await patient();
    await relay();
    isUnavailable = false;
    await patient();
    expect(proxy.batches).to.deep.equal([]);
    await until(async () => {
      await relay();
      return (await outboxRowsOf(database, [eventId]))[0]?.state === "PUBLISHED";
    }, "the event is published");
  });

  it("starts no call after it is stopped, and leaves what was not sent as it was", async () => {
    const database = await runtime.openSchema();
    const eventIds = await appendEvents(database, 200);
    const stopping = new AbortController();
    const send = proxy.client.send.bind(proxy.client);
    const stopped = Object.assign(Object.create(proxy.client) as SNSClient, {
      send: (...call: Parameters<typeof send>) => {
        stopping.abort();
        return send(...call);
      },
    });
    expect(await createRelay(database, stopped)(stopping.signal)).to.equal(true);
    const statesOf = async () =>
      (await outboxRowsOf(database, eventIds)).map(({ state, attempts }) => `${state} ${attempts}`);
    const states = await statesOf();
    expect(new Set(states)).to.deep.equal(new Set(["PUBLISHED 1", "PENDING 0"]));
    expect(states.filter(state => state === "PUBLISHED 1")).to.have.length(proxy.batches.flat().length);
    await runAll(createRelay(database));
    expect(new Set(await statesOf())).to.deep.equal(new Set(["PUBLISHED 1"]));
  });

  it("never sends a row twice, however many replicas run", async () => {
    const database = await runtime.openSchema();
    const events = Array.from({ length: 1200 }, () => [
      randomUUID(),
      topic,
      "questioncloud.pay.v1.PurchaseCancelled",
      "{}",
    ]);
    await database.execute(
      `INSERT INTO outbox (event_id, topic, type, body) VALUES ${events.map(() => "(?)").join(",")}`,
      events,
    );
    const proxies = [proxy, await openProxy(), await openProxy()];
    const relays = proxies.map(({ client }) => createRelay(database, client));
    await Promise.all(relays.map(runAll));
    const ids = proxies.map(({ batches }) => batches.flat().map(entry => entry.id));
    expect(ids.flat().sort()).to.deep.equal(events.map(([id]) => id).sort());
    expect(
      ids.filter(each => each.length > 0),
      "relays that had work",
    ).to.have.length.above(1);
    await Promise.all(proxies.slice(1).map(each => each.stop()));
  });

  it("sends batches of at most ten entries and 256 KiB", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200 * 1024 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(sizes, async bytes => {
        proxy.batches.length = 0;
        const events = bytes.map(length => ({
          eventId: randomUUID(),
          topic,
          type: "questioncloud.pay.v1.PurchaseCancelled",
          body: "x".repeat(length),
          traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
        }));
        const failed = await publishEvents(events, { sns: proxy.client, topicArnPrefix: unsubscribedPrefix });
        expect(failed.size).to.equal(0);
        const sent = proxy.batches.flat().map(entry => entry.id);
        expect(sent.sort()).to.deep.equal(events.map(event => event.eventId).sort());
        for (const batch of proxy.batches) {
          expect(batch).to.have.length.within(1, 10);
          expect(batch.reduce((sum, entry) => sum + entry.bytes, 0)).to.be.at.most(256 * 1024);
        }
      }),
      { numRuns: 10 },
    );
  });

  describe("when it is killed", () => {
    const stops: (() => Promise<void>)[] = [];
    const pay = () => runtime.database("pay");

    before(() => {
      stops.push(...subscribers.map(name => runtime.startConsumer(name, recordEffects())));
    });
    after(async () => {
      await Promise.all(stops.map(stop => stop()));
    });

    async function killRelay(place: string, count: number): Promise<string[]> {
      const eventIds = await appendEvents(pay(), count);
      const relay = startReplica(runtime, ["relay", "pay"], { FAILPOINT: `${place}:kill` });
      expect(await relay.ended).to.equal("SIGKILL");
      const states = (await outboxRowsOf(pay(), eventIds)).map(row => row.state);
      expect(new Set(states)).to.deep.equal(new Set(["PENDING"]));
      return eventIds;
    }

    /** Publishes what a relay had claimed, once MariaDB has noticed that it is gone. */
    async function publishAll(eventIds: readonly string[]): Promise<void> {
      const relay = runtime.createRelay({ database: pay() });
      await until(async () => {
        await relay();
        return (await outboxRowsOf(pay(), eventIds)).every(row => row.state === "PUBLISHED");
      }, "another relay has published all");
    }

    async function expectEffectsOnce(eventIds: readonly string[]): Promise<void> {
      for (const name of subscribers) {
        await until(async () => {
          const effects = await effectsOf(runtime.database(name), eventIds);
          return (
            effects.length >= eventIds.length && (await runtime.depth(`${name}-on-purchase-cancelled`)) === 0
          );
        }, `${name} has handled all events`);
        const effects = await effectsOf(runtime.database(name), eventIds);
        expect(effects.map(effect => effect.eventId).sort(), name).to.deep.equal([...eventIds].sort());
      }
    }

    it("before it publishes, another relay publishes at once what it had claimed", async () => {
      const eventIds = await killRelay("relay.claimed", 12);
      await publishAll(eventIds);
      await expectEffectsOnce(eventIds);
    });

    it("after it published, duplicates are delivered and nothing happens twice", async () => {
      const eventIds = await killRelay("relay.published", 12);
      await expectEffectsOnce(eventIds);
      const before = await duplicates();
      await publishAll(eventIds);
      // More where a busy machine lets one become visible again.
      await until(
        async () => (await duplicates()) >= before + 3 * eventIds.length,
        "the duplicates are handled",
      );
      await expectEffectsOnce(eventIds);
    });

    async function duplicates(): Promise<number> {
      const { values } = await runtime.metrics.processed.get();
      return values
        .filter(({ metricName, labels }) => metricName?.endsWith("_count") && labels.outcome === "duplicate")
        .reduce((sum, { value }) => sum + value, 0);
    }
  });
});
