import { randomUUID } from "node:crypto";
import { context, trace } from "@opentelemetry/api";
import { expect } from "chai";
import { PurchaseCancelledSchema } from "../gen/questioncloud/pay/v1/events_pb.ts";
import { createCleanup, inboxMarginDays } from "../kit/cleanup.ts";
import { consume } from "../kit/consumer.ts";
import type { Database } from "../kit/database.ts";
import { maxEventBytes } from "../kit/event.ts";
import { createOutbox } from "../kit/outbox.ts";
import { appendEvents, effectsOf, hearingOf, outboxRowsOf } from "./support/events/effects.ts";
import type { EventFloor } from "./support/events/floor.ts";
import { sharedFloor } from "./support/events/shared-floor.ts";
import { until } from "./support/until.ts";

const hearers = ["coupon", "point", "question"] as const;

describe("events", function () {
  this.timeout(30_000);
  let floor: EventFloor;
  let pay: Database;

  before(async () => {
    floor = await sharedFloor();
    pay = floor.database("pay");
  });

  it("reach each of their hearers once, in one trace", async () => {
    const stops = await Promise.all(hearers.map(name => floor.startConsumer(name, hearingOf())));
    const span = trace.getTracer("test").startSpan("purchase");
    const eventIds = await context.with(trace.setSpan(context.active(), span), () => appendEvents(pay, 25));
    span.end();
    await floor.createRelay({ database: pay })();
    for (const name of hearers) {
      const effects = await until(async () => {
        const found = await effectsOf(floor.database(name), eventIds);
        return found.length >= eventIds.length && found;
      }, `${name} heard`);
      expect(effects.map(effect => effect.event_id).sort(), name).to.deep.equal([...eventIds].sort());
      expect(new Set(effects.map(effect => effect.trace_id))).to.deep.equal(
        new Set([span.spanContext().traceId]),
      );
      await until(
        async () => (await floor.depth(`${name}-on-purchase-cancelled`)) === 0,
        "the queue is empty",
      );
    }
    await Promise.all(stops.map(stop => stop()));
  });

  it("are never published without their transaction", async () => {
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

  it("wake the relay once the transaction is committed", async () => {
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

  it("are refused when they break their contract or exceed 200 KiB, counted in bytes", async () => {
    const append = (reason: string) =>
      appendEvents(pay, 1, () => reason).then(
        () => "appended",
        (error: Error) => error.message,
      );
    expect(await append("")).to.equal("BAD_REQUEST");
    expect(await append("가".repeat(Math.ceil(maxEventBytes / 3)))).to.match(/exceeds 204800 bytes/);
    expect(await append("가".repeat(Math.floor(maxEventBytes / 3) - 100))).to.equal("appended");
  });

  it("carry any text to their hearers as it was", async () => {
    const text = `수능 "국어" \u0000\u0007\ufffe\uffff\u2028 😀 <&>`;
    const [eventId = ""] = await appendEvents(pay, 1, () => text);
    const [row] = await pay.query<{ body: string }>("SELECT body FROM outbox WHERE event_id = ?", [eventId]);
    const queueable = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd]*$/;
    expect(row?.body).to.match(queueable);
    const point = floor.database("point");
    await consume(hearingOf(), "point-on-purchase-cancelled", eventId, row?.body ?? "", point);
    expect((await effectsOf(point, [eventId]))[0]?.subject).to.equal(text);
  });

  it("may have fields that a hearer does not know", async () => {
    const point = floor.database("point");
    const eventId = randomUUID();
    const body = JSON.stringify({
      purchaseId: randomUUID(),
      userId: "1",
      reason: "REASON",
      refund: { amount: "3", lines: [1, 2] },
    });
    expect(await consume(hearingOf(), "point-on-purchase-cancelled", eventId, body, point)).to.equal("done");
    expect(await effectsOf(point, [eventId])).to.have.length(1);
  });

  it("are told from duplicates by the inbox alone", async () => {
    const point = floor.database("point");
    const collide = hearingOf(async tx => {
      await tx.execute("INSERT INTO effect (effect_id, event_id, subject) VALUES (1, '', '')");
      await tx.execute("INSERT INTO effect (effect_id, event_id, subject) VALUES (1, '', '')");
    });
    const body = JSON.stringify({ purchaseId: randomUUID(), userId: "1", reason: "REASON" });
    const queue = "point-on-purchase-cancelled";
    const eventId = randomUUID();
    const refused = await consume(collide, queue, eventId, body, point).catch(
      (error: Error) => error.message,
    );
    expect(refused).to.match(/Duplicate entry '1' for key/);
    const several = [1, 2, 3, 4].map(() => consume(hearingOf(), queue, eventId, body, point));
    expect((await Promise.all(several)).sort()).to.deep.equal([
      "done",
      "duplicate",
      "duplicate",
      "duplicate",
    ]);
    expect(await effectsOf(point, [eventId])).to.have.length(1);
  });

  it("are removed by age, but never before they are published, and inbox rows later", async () => {
    const database = await floor.openSchema();
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
    expect(await createCleanup(database, keepDays)()).to.equal(false);
    const left = await outboxRowsOf(database, eventIds);
    expect(left.map(row => row.event_id)).to.deep.equal(eventIds.slice(1, 4));
    const inbox = await database.query<{ consumer: string }>("SELECT consumer FROM inbox");
    expect(inbox).to.deep.equal([{ consumer: String(keepDays + inboxMarginDays - 1) }]);
  });
});
