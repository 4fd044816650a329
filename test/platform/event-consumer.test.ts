import { randomUUID } from "node:crypto";
import {
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { pino } from "pino";
import { PurchaseCancelledSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { insertAll } from "#kit/data/sql.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { moveDeadLetters, plannedQueues } from "#ops/events/queues.ts";
import { receivesMax } from "../support/events/delivery.ts";
import { effectsOf, recordEffects } from "../support/events/effects.ts";
import { type Replica, startReplica } from "../support/events/replica.ts";
import type { EventRuntime } from "../support/events/runtime.ts";
import { sharedRuntime } from "../support/events/shared-runtime.ts";
import { eventBody, openTestQueue, type TestQueue } from "../support/events/test-queue.ts";
import { until } from "../support/stack/until.ts";

describe("an event consumer", () => {
  let runtime: EventRuntime;
  let testQueue: TestQueue;
  let poisoned: Promise<void>;

  // Poison messages take longest, so their test runs concurrently with the others, on a queue of its own.
  before(async () => {
    runtime = await sharedRuntime();
    testQueue = await openTestQueue(runtime, "question");
    poisoned = handlePoison(await openTestQueue(runtime, "point"));
    poisoned.catch(() => {});
  });

  /** The number of connections to MariaDB that match a condition. */
  async function threads(condition: string): Promise<number> {
    const rows = await testQueue.database.query(
      `SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND ${condition}`,
    );
    return rows.length;
  }

  it("handles and deletes what it has received when it is stopped, and receives nothing more", async () => {
    const lock = `lock-${randomUUID()}`;
    const eventIds = await testQueue.send(5);
    const consumer = await runtime.database("pay").transaction(async tx => {
      await tx.query("SELECT GET_LOCK(?, 0)", [lock]);
      const args = ["consumer", "question", "--lock", lock, "--visibility", "8"];
      const started: Replica = startReplica(runtime, args);
      await until(async () => (await threads("state = 'User lock'")) > 0, "a handler is running");
      started.process.kill("SIGTERM");
      await tx.query("SELECT RELEASE_LOCK(?)", [lock]);
      return started;
    });
    expect(await consumer.ended).to.equal("0");
    await testQueue.expectEffectsOnce(eventIds);
    expect(await runtime.depth(testQueue.queue)).to.equal(0);
    const later = await testQueue.send(5);
    const stop = runtime.startConsumer("question", recordEffects());
    await testQueue.expectEffectsOnce(later);
    await stop();
    await testQueue.expectEffectsOnce(eventIds);
  });

  it("leaves nothing if it is killed in its transaction, and another one handles the event once", async () => {
    const eventIds = await testQueue.send(3);
    const killed = startReplica(runtime, ["consumer", "question"], { FAILPOINT: "consumer.handled:kill" });
    expect(await killed.ended).to.equal("SIGKILL");
    expect(await effectsOf(testQueue.database, eventIds)).to.deep.equal([]);
    const stop = runtime.startConsumer("question", recordEffects());
    await testQueue.expectEffectsOnce(eventIds);
    await stop();
    expect(await runtime.depth(testQueue.queue)).to.equal(0);
  });

  it("handles what waits in few transactions where its handler takes batches", async () => {
    const sizes: number[] = [];
    const batches = subscribe(PurchaseCancelledSchema, {
      async handleAll(tx, events) {
        sizes.push(events.length);
        await insertAll(
          tx,
          "effect",
          events.map(({ purchaseId, reason }) => ({ eventId: purchaseId, subject: reason })),
        );
      },
    });
    const purchaseIds = Array.from({ length: 120 }, () => randomUUID());
    const bodies = purchaseIds.map(purchaseId =>
      JSON.stringify({ purchaseId, userId: "1", reason: "REASON" }),
    );
    await testQueue.send(bodies.length, index => bodies[index] ?? "");
    const stop = runtime.startConsumer("question", batches);
    await testQueue.expectEffectsOnce(purchaseIds);
    await stop();
    expect(Math.max(...sizes)).to.be.above(10);
    expect(await runtime.depth(testQueue.queue)).to.equal(0);
  });

  it("deletes by one call what was handled one after the other, and the rest when it is stopped", async () => {
    const deleted: number[] = [];
    const send = (command: Parameters<SQSClient["send"]>[0], options: object) => {
      if (command instanceof DeleteMessageBatchCommand) {
        deleted.push(command.input.Entries?.length ?? 0);
      }
      return runtime.sqs.send(command, options);
    };
    const own = await openTestQueue(runtime, "coupon");
    const eventIds = await own.send(12);
    const recorded = { sqs: { send } as SQSClient, visibilitySeconds: 60, deleteDelayMs: 60_000 };
    const stop = runtime.startConsumer("coupon", recordEffects(), recorded);
    await own.expectEffectsOnce(eventIds);
    await until(() => deleted.length > 0, "a call is full");
    await stop();
    expect(deleted).to.deep.equal([10, 2]);
    expect(await runtime.depth(own.queue)).to.equal(0);
  });

  it("waits for a deletion that is in flight when it is stopped", async () => {
    const own = await openTestQueue(runtime, "coupon");
    const gate = Promise.withResolvers<void>();
    let deletions = 0;
    const send = async (command: Parameters<SQSClient["send"]>[0], options: object) => {
      if (command instanceof DeleteMessageBatchCommand) {
        deletions += 1;
        await gate.promise;
      }
      return runtime.sqs.send(command, options);
    };
    await own.send(1);
    const slow = { sqs: { send } as SQSClient, visibilitySeconds: 60, deleteDelayMs: 0 };
    const stop = runtime.startConsumer("coupon", recordEffects(), slow);
    await until(() => deletions === 1, "the deletion is in flight");
    const ended = stop().then(() => "stopped");
    expect(await Promise.race([ended, runtime.depth(own.queue)])).to.equal(1);
    gate.resolve();
    await ended;
    expect(await runtime.depth(own.queue)).to.equal(0);
  });

  it("extends the visibility timeout of an event as long as its handler runs", async () => {
    // A queue of its own, because the last poll of a stopped consumer would hide a message for as long.
    const own = await openTestQueue(runtime, "coupon");
    const started: string[] = [];
    const gate = Promise.withResolvers<void>();
    const slow = recordEffects(async (_tx, event) => {
      started.push(event.purchaseId);
      await gate.promise;
    });
    const { log, warnings } = recordLog();
    const longer = { visibilitySeconds: 8, log };
    const eventIds = await own.send(2);
    const stops = [1, 2].map(() => runtime.startConsumer("coupon", slow, longer));
    await until(() => started.length > 0, "the first event is being handled");
    await outlastVisibility(longer);
    expect(started).to.deep.equal([...new Set(started)]);
    gate.resolve();
    await own.expectEffectsOnce(eventIds);
    await Promise.all(stops.map(stop => stop()));
    expect(await runtime.depth(own.queue)).to.equal(0);
    expect(warnings).to.deep.equal([]);
  });

  /**
   * Waits longer than the visibility timeout, by the clock of SQS: until a message on another queue is visible again.
   */
  async function outlastVisibility({ visibilitySeconds }: { visibilitySeconds: number }): Promise<void> {
    const QueueUrl = await runtime.queueUrl(testQueue.deadLetterQueue);
    await runtime.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "sentinel" }));
    const receive = async (VisibilityTimeout: number) =>
      (await runtime.sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout }))).Messages?.[0];
    await receive(visibilitySeconds + 1);
    const again = await until(() => receive(30), "the sentinel is visible again");
    await runtime.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again.ReceiptHandle }));
  }

  it("does nothing twice if it is suspended for longer than the visibility timeout", async () => {
    const lock = `lock-${randomUUID()}`;
    const [eventId = ""] = await testQueue.send(1);
    const frozen = await runtime.database("pay").transaction(async tx => {
      await tx.query("SELECT GET_LOCK(?, 0)", [lock]);
      const replica = startReplica(runtime, ["consumer", "question", "--lock", lock]);
      await until(async () => (await threads("state = 'User lock'")) === 1, "the handler is running");
      replica.process.kill("SIGSTOP");
      await tx.query("SELECT RELEASE_LOCK(?)", [lock]);
      return replica;
    });
    const stop = runtime.startConsumer("question", recordEffects());
    const blocked = "info LIKE 'INSERT IGNORE INTO inbox%' AND time_ms > 50";
    await until(
      async () => (await threads(blocked)) > 0,
      "the event was delivered again and waits for the inbox row",
    );
    frozen.process.kill("SIGCONT");
    await until(async () => (await runtime.depth(testQueue.queue)) === 0, "both deliveries are handled");
    await testQueue.expectEffectsOnce([eventId]);
    frozen.process.kill("SIGTERM");
    expect(await frozen.ended).to.equal("0");
    await stop();
  });

  it("receives nothing while its database is unavailable, checks once a second and logs the outage once", async () => {
    // A queue of its own: the emulator gives the next message to the last poll of a consumer that was just stopped.
    const own = await openTestQueue(runtime, "coupon");
    await own.send(1);
    const { log, warnings } = recordLog();
    const unavailable = createDatabase({
      url: "mariadb://runtime:unavailable@127.0.0.1:1/question",
      poolSize: 2,
    });
    const checks: number[] = [];
    const database: Database = {
      ...unavailable,
      requireWritable: () => {
        checks.push(Date.now());
        return unavailable.requireWritable();
      },
    };
    const stop = runtime.startConsumer("coupon", recordEffects(), { database, log });
    await until(() => checks.length >= 3, "it has checked three times");
    await stop();
    await unavailable.close();
    expect((checks[1] ?? 0) - (checks[0] ?? 0)).to.be.at.least(990);
    expect((checks[2] ?? 0) - (checks[1] ?? 0)).to.be.at.least(990);
    expect(warnings).to.have.length(1);
    const { Messages } = await runtime.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: own.queueUrl,
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      }),
    );
    expect(Messages?.[0]?.Attributes).to.deep.equal({ ApproximateReceiveCount: "1" });
    await own.purge();
  });

  it("moves poison messages to the dead letter queue while others are handled, and handles them after a redrive", () =>
    poisoned);

  async function handlePoison({ queue, deadLetterQueue, database, ...own }: TestQueue): Promise<void> {
    let fixed = false;
    const others = new Set<string>();
    /** How many others had been handled before each attempt. */
    const attempts: number[] = [];
    const subscription = recordEffects(async (_tx, event) => {
      if (event.reason !== "POISON") {
        others.add(event.purchaseId);
      } else if (!fixed) {
        attempts.push(others.size);
        throw new Error("not fixed yet");
      }
    });
    const [poison = ""] = await own.send(1, () => eventBody("POISON"));
    await own.send(1, () => "{ broken");
    await own.send(1, () => JSON.stringify({ purchaseId: "no uuid", userId: "1", reason: "REASON" }));
    await own.send(1, () => JSON.stringify({ purchaseId: 5 }));
    await own.sendOne(eventBody(), undefined);
    const healthy = await own.send(20);
    const stop = runtime.startConsumer("point", subscription);
    await own.expectEffectsOnce(healthy);
    await until(
      async () => (await runtime.depth(deadLetterQueue)) === 5,
      "all poison messages are dead letters",
    );
    expect(attempts).to.have.length(receivesMax);
    expect(attempts.at(-1), "handled before the last attempt").to.equal(healthy.length);
    expect(await effectsOf(database, [poison])).to.deep.equal([]);
    fixed = true;
    const options = { limit: 5, signal: AbortSignal.timeout(60_000), onBatch: () => {} };
    for (const planned of plannedQueues().filter(each => each.queue === queue)) {
      expect(await moveDeadLetters(runtime.sqs, planned, options)).to.deep.equal({ moved: 5, failures: [] });
    }
    await own.expectEffectsOnce([poison]);
    await stop();
    await own.purge();
  }
});

/** A log that records its warnings and errors. */
function recordLog() {
  const warnings: unknown[] = [];
  return { log: pino({ level: "warn" }, { write: line => void warnings.push(JSON.parse(line)) }), warnings };
}
