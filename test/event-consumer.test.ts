import { randomUUID } from "node:crypto";
import {
  DeleteMessageCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { pino } from "pino";
import { createDatabase } from "../kit/database.ts";
import { moveDeadLetters, plannedQueues } from "../ops/events/queues.ts";
import { receivesMax } from "./support/events/delivery.ts";
import { effectsOf, hearingOf } from "./support/events/effects.ts";
import type { EventFloor } from "./support/events/floor.ts";
import { eventBody, type Lane, openLane } from "./support/events/lane.ts";
import { type Replica, startReplica } from "./support/events/replica.ts";
import { sharedFloor } from "./support/events/shared-floor.ts";
import { until } from "./support/until.ts";

describe("a consumer", function () {
  this.timeout(30_000);
  let floor: EventFloor;
  let lane: Lane;
  let poisoned: Promise<void>;

  // The story of the poison takes longest, so it runs beside the others, in a lane of its own.
  before(async () => {
    floor = await sharedFloor();
    lane = await openLane(floor, "question");
    poisoned = meetPoison(await openLane(floor, "point"));
    poisoned.catch(() => {});
  });

  /** Connections to MariaDB that are busy with something. */
  async function threads(condition: string): Promise<number> {
    const rows = await lane.database.query(
      `SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND ${condition}`,
    );
    return rows.length;
  }

  it("that is killed in its transaction leaves nothing, and another handles the event once", async () => {
    const eventIds = await lane.send(3);
    const killed = startReplica(floor, ["consumer", "question"], { FAILPOINT: "consumer.handled:kill" });
    expect(await killed.ended).to.equal("SIGKILL");
    expect(await effectsOf(lane.database, eventIds)).to.deep.equal([]);
    const stop = await floor.startConsumer("question", hearingOf());
    await lane.expectEffectsOnce(eventIds);
    await stop();
    expect(await floor.depth(lane.queue)).to.equal(0);
  });

  it("that is told to stop handles and deletes what it has taken, and takes nothing more", async () => {
    const gate = `gate-${randomUUID()}`;
    const eventIds = await lane.send(5);
    const consumer = await floor.database("pay").transaction(async tx => {
      await tx.query("SELECT GET_LOCK(?, 0)", [gate]);
      const args = ["consumer", "question", "--gate", gate, "--visibility", "8"];
      const started: Replica = startReplica(floor, args);
      await until(async () => (await threads("state = 'User lock'")) === 5, "all handlers are under way");
      started.process.kill("SIGTERM");
      await tx.query("SELECT RELEASE_LOCK(?)", [gate]);
      return started;
    });
    expect(await consumer.ended).to.equal("0");
    await lane.expectEffectsOnce(eventIds);
    expect(await floor.depth(lane.queue)).to.equal(0);
    const later = await lane.send(5);
    const stop = await floor.startConsumer("question", hearingOf());
    await lane.expectEffectsOnce(later);
    await stop();
    await lane.expectEffectsOnce(eventIds);
  });

  it("keeps an event for itself as long as its handler works", async () => {
    const started: string[] = [];
    const gate = Promise.withResolvers<void>();
    const slow = hearingOf(async (_tx, event) => {
      started.push(event.purchaseId);
      await gate.promise;
    });
    const { log, times: complaints } = recordLog();
    const longer = { visibilitySeconds: 4, log };
    const eventIds = await lane.send(2);
    const stops = await Promise.all([1, 2].map(() => floor.startConsumer("question", slow, longer)));
    await until(() => started.length >= 2, "both events were taken");
    await outlast(longer);
    expect(started).to.have.length(2);
    gate.resolve();
    await lane.expectEffectsOnce(eventIds);
    await Promise.all(stops.map(stop => stop()));
    expect(await floor.depth(lane.queue)).to.equal(0);
    expect(complaints).to.deep.equal([]);
  });

  /** Takes a message of its own off another queue for longer than a consumer takes its own, and waits until it shows again. */
  async function outlast({ visibilitySeconds }: { visibilitySeconds: number }): Promise<void> {
    const QueueUrl = await floor.queueUrl(lane.deadLetterQueue);
    await floor.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "sentinel" }));
    const receive = async (VisibilityTimeout: number) =>
      (await floor.sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout }))).Messages?.[0];
    await receive(visibilitySeconds + 1);
    const again = await until(() => receive(30), "the sentinel shows again");
    await floor.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again.ReceiptHandle }));
  }

  it("that is frozen longer than its delivery lasts and wakes again does nothing twice", async () => {
    const gate = `gate-${randomUUID()}`;
    const [eventId = ""] = await lane.send(1);
    const frozen = await floor.database("pay").transaction(async tx => {
      await tx.query("SELECT GET_LOCK(?, 0)", [gate]);
      const replica = startReplica(floor, ["consumer", "question", "--gate", gate]);
      await until(async () => (await threads("state = 'User lock'")) === 1, "the handler is under way");
      replica.process.kill("SIGSTOP");
      await tx.query("SELECT RELEASE_LOCK(?)", [gate]);
      return replica;
    });
    const stop = await floor.startConsumer("question", hearingOf());
    const blocked = "info LIKE 'INSERT INTO inbox%' AND time_ms > 50";
    await until(
      async () => (await threads(blocked)) === 1,
      "the event came again and waits for the inbox row",
    );
    frozen.process.kill("SIGCONT");
    await until(async () => (await floor.depth(lane.queue)) === 0, "both deliveries are done");
    await lane.expectEffectsOnce([eventId]);
    frozen.process.kill("SIGTERM");
    expect(await frozen.ended).to.equal("0");
    await stop();
  });

  it("takes nothing while its database is away, and looks only now and then", async () => {
    await lane.send(1);
    const { log, times } = recordLog();
    const away = createDatabase({ url: "mariadb://floor:away@127.0.0.1:1/question", poolSize: 2 });
    const stop = await floor.startConsumer("question", hearingOf(), { database: away, log });
    await until(() => times.length >= 2, "it has looked twice");
    await stop();
    await away.close();
    expect((times[1] ?? 0) - (times[0] ?? 0)).to.be.at.least(990);
    const { Messages } = await floor.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: lane.queueUrl,
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      }),
    );
    expect(Messages?.[0]?.Attributes).to.deep.equal({ ApproximateReceiveCount: "1" });
    await floor.sqs.send(new PurgeQueueCommand({ QueueUrl: lane.queueUrl }));
  });

  it("gives up poison after a few deliveries while the rest flows, and takes it again once mended", () =>
    poisoned);

  async function meetPoison({ queue, deadLetterQueue, database, ...own }: Lane): Promise<void> {
    let mended = false;
    let attempts = 0;
    const hearing = hearingOf(async (_tx, event) => {
      if (event.reason === "UNLOVED" && !mended) {
        attempts++;
        throw new Error("not mended yet");
      }
    });
    const [unloved = ""] = await own.send(1, () => eventBody("UNLOVED"));
    await own.send(1, () => "{ broken");
    await own.send(1, () => JSON.stringify({ purchaseId: "no uuid", userId: "1", reason: "REASON" }));
    await own.send(1, () => JSON.stringify({ purchaseId: 5 }));
    await own.sendOne(eventBody(), undefined);
    const healthy = await own.send(20);
    const stop = await floor.startConsumer("point", hearing);
    await own.expectEffectsOnce(healthy);
    expect(await floor.depth(deadLetterQueue), "dead letters while the rest flows").to.equal(0);
    await until(async () => (await floor.depth(deadLetterQueue)) === 5, "all poison is dead", 20_000);
    expect(attempts).to.equal(receivesMax);
    expect(await effectsOf(database, [unloved])).to.deep.equal([]);
    mended = true;
    const options = { limit: 5, signal: AbortSignal.timeout(10_000), onBatch: () => {} };
    for (const planned of plannedQueues().filter(each => each.queue === queue)) {
      expect(await moveDeadLetters(floor.sqs, planned, options)).to.deep.equal({ moved: 5, failures: [] });
    }
    await own.expectEffectsOnce([unloved]);
    await stop();
    await own.purge();
  }
});

/** A log with the times of its lines. */
function recordLog() {
  const times: number[] = [];
  return { log: pino({ level: "warn" }, { write: () => void times.push(Date.now()) }), times };
}
