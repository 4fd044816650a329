import { randomUUID } from "node:crypto";
import { context, trace } from "@opentelemetry/api";
import { expect } from "chai";
import { PurchaseCancelledSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { maxEventBytes } from "#kit/contract/event.ts";
import type { Database } from "#kit/data/database.ts";
import { subscribeStore } from "#kit/events/consumer.ts";
import { createOutbox } from "#kit/events/outbox.ts";
import { inboxMarginDays, removeOldEvents } from "#kit/events/remove-old-events.ts";
import { consumeOne } from "../support/events/consume-one.ts";
import { appendEvents, effectsOf, outboxRowsOf, recordEffects } from "../support/events/effects.ts";
import type { EventRuntime } from "../support/events/runtime.ts";
import { sharedRuntime } from "../support/events/shared-runtime.ts";
import { until } from "../support/stack/until.ts";

const subscribers = ["coupon", "point", "question"] as const;

describe("events", () => {
  let runtime: EventRuntime;
  let pay: Database;

  before(async () => {
    runtime = await sharedRuntime();
    pay = runtime.database("pay");
  });

  it("are handled once by each subscriber, in one trace", async () => {
    const stops = subscribers.map(name => runtime.startConsumer(name, recordEffects()));
    const span = trace.getTracer("test").startSpan("purchase");
    const eventIds = await context.with(trace.setSpan(context.active(), span), () => appendEvents(pay, 25));
    span.end();
    await runtime.createRelay({ database: pay })();
    for (const name of subscribers) {
      const effects = await until(async () => {
        const found = await effectsOf(runtime.database(name), eventIds);
        return found.length >= eventIds.length && found;
      }, `${name} has handled all events`);
      expect(effects.map(effect => effect.eventId).sort(), name).to.deep.equal([...eventIds].sort());
      expect(new Set(effects.map(effect => effect.traceId))).to.deep.equal(
        new Set([span.spanContext().traceId]),
      );
      await until(
        async () => (await runtime.depth(`${name}-on-purchase-cancelled`)) === 0,
        "the queue is empty",
      );
    }
    await Promise.all(stops.map(stop => stop()));
  });

  it("are not published if their transaction is rolled back", async () => {
    const outbox = createOutbox(() => expect.fail("woken by a transaction that was rolled back"));
    const event = { purchaseId: randomUUID(), userId: 1n, reason: "REASON" };
    let eventId = "";
    const failed = pay.transaction(async tx => {
      eventId = await outbox.append(tx, PurchaseCancelledSchema, event);
      throw new Error("rolled back");
    });
    expect(await failed.catch((error: Error) => error.message)).to.equal("rolled back");
    expect(await outboxRowsOf(pay, [eventId])).to.deep.equal([]);
  });

  it("wake the relay when the transaction is committed", async () => {
    const woken: number[] = [];
    const outbox = createOutbox(() => woken.push(1));
    await pay.transaction(async tx => {
      await outbox.append(tx, PurchaseCancelledSchema, {
        purchaseId: randomUUID(),
        userId: 1n,
        reason: "REASON",
      });
      expect(woken).to.have.length(0);
    });
    expect(woken).to.have.length(1);
  });

  it("are refused if they break their contract or exceed 200 KiB", async () => {
    const append = (reason: string) =>
      appendEvents(pay, 1, () => reason).then(
        () => "appended",
        (error: Error) => error.message,
      );
    expect(await append("")).to.equal("BAD_REQUEST");
    expect(await append("가".repeat(Math.ceil(maxEventBytes / 3)))).to.match(/exceeds 204800 bytes/);
    expect(await append("가".repeat(Math.floor(maxEventBytes / 3) - 100))).to.equal("appended");
  });

  it("deliver any text unchanged", async () => {
    const text = `수능 "국어" \u0000\u0007\ufffe\uffff\u2028 😀 <&>`;
    const [eventId = ""] = await appendEvents(pay, 1, () => text);
    const [row] = await pay.query<{ body: string }>("SELECT body FROM outbox WHERE event_id = ?", [eventId]);
    const queueable = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd]*$/;
    expect(row?.body).to.match(queueable);
    const point = runtime.database("point");
    await consumeOne(
      recordEffects(),
      "point-on-purchase-cancelled",
      { eventId, body: row?.body ?? "" },
      point,
    );
    expect((await effectsOf(point, [eventId]))[0]?.subject).to.equal(text);
  });

  it("can have fields that a subscriber does not know", async () => {
    const point = runtime.database("point");
    const eventId = randomUUID();
    const body = JSON.stringify({
      purchaseId: randomUUID(),
      userId: "1",
      reason: "REASON",
      refund: { amount: "3", lines: [1, 2] },
    });
    expect(
      await consumeOne(recordEffects(), "point-on-purchase-cancelled", { eventId, body }, point),
    ).to.equal("done");
    expect(await effectsOf(point, [eventId])).to.have.length(1);
  });

  it("count as duplicates only if they are in the inbox", async () => {
    const point = runtime.database("point");
    const collide = recordEffects(async tx => {
      await tx.execute("INSERT INTO effect (effect_id, event_id, subject) VALUES (1, '', '')");
      await tx.execute("INSERT INTO effect (effect_id, event_id, subject) VALUES (1, '', '')");
    });
    const body = JSON.stringify({ purchaseId: randomUUID(), userId: "1", reason: "REASON" });
    const queue = "point-on-purchase-cancelled";
    const eventId = randomUUID();
    const refused = await consumeOne(collide, queue, { eventId, body }, point).catch(
      (error: Error) => error.message,
    );
    expect(refused).to.match(/Duplicate entry '1' for key/);
    const several = [1, 2, 3, 4].map(() => consumeOne(recordEffects(), queue, { eventId, body }, point));
    expect((await Promise.all(several)).sort()).to.deep.equal([
      "done",
      "duplicate",
      "duplicate",
      "duplicate",
    ]);
    expect(await effectsOf(point, [eventId])).to.have.length(1);
  });

  it("are written to another store before the inbox, without a transaction that waits for it", async () => {
    const point = runtime.database("point");
    const purchaseId = randomUUID();
    const written: string[] = [];
    const eventId = randomUUID();
    let isBroken = true;
    const store = subscribeStore(
      PurchaseCancelledSchema,
      async events => {
        // A transaction that has inserted the row would be waited for.
        const [row] = await point.query("SELECT event_id FROM inbox WHERE event_id = ? LOCK IN SHARE MODE", [
          eventId,
        ]);
        expect(row === undefined).to.equal(written.length === 0);
        if (isBroken) {
          throw new Error("the store is unavailable");
        }
        written.push(...events.map(event => event.purchaseId));
      },
      async () => {},
    );
    const body = JSON.stringify({ purchaseId, userId: "1", reason: "REASON" });
    const deliver = () => consumeOne(store, "point-on-purchase-cancelled", { eventId, body }, point);
    const failed = await deliver().catch((error: Error) => error.message);
    isBroken = false;
    expect([failed, await deliver(), await deliver()]).to.deep.equal([
      "the store is unavailable",
      "done",
      "duplicate",
    ]);
    expect(written).to.deep.equal([purchaseId, purchaseId]);
  });

  it("are deleted by age, but never before they are published, and inbox rows later", async () => {
    const database = await runtime.openSchema();
    const keepDays = 10;
    const eventIds = await appendEvents(database, 5);
    const ages: [string, number][] = [
      ["PUBLISHED", keepDays + 1],
      ["PUBLISHED", keepDays - 1],
      ["PENDING", 400],
      ["PARKED", 400],
      ["PUBLISHED", 400],
    ];
    for (const [index, [state, days]] of ages.entries()) {
      await database.execute(
        `UPDATE outbox SET state = ?, create_time = NOW(6) - INTERVAL 400 DAY,
          publish_time = IF(? = 'PUBLISHED', NOW(6) - INTERVAL ? DAY, NULL) WHERE event_id = ?`,
        [state, state, days, eventIds[index] ?? ""],
      );
    }
    for (const days of [keepDays + inboxMarginDays + 1, keepDays + inboxMarginDays - 1]) {
      await database.execute(
        "INSERT INTO inbox (event_id, consumer, create_time) VALUES (?, ?, NOW(6) - INTERVAL ? DAY)",
        [randomUUID(), String(days), days],
      );
    }
    expect(await removeOldEvents(database, keepDays)()).to.equal(false);
    const left = await outboxRowsOf(database, eventIds);
    expect(left.map(row => row.eventId)).to.deep.equal(eventIds.slice(1, 4));
    const inbox = await database.query<{ consumer: string }>("SELECT consumer FROM inbox");
    expect(inbox).to.deep.equal([{ consumer: String(keepDays + inboxMarginDays - 1) }]);
  });
});
