import { randomUUID } from "node:crypto";
import { PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { deadLetterQueueOf } from "#kit/contract/event.ts";
import type { Database } from "#kit/data/database.ts";
import { until } from "../stack/until.ts";
import { effectsOf } from "./effects.ts";
import type { EventRuntime } from "./runtime.ts";

/** The queue of one subscriber of the event that `recordEffects` handles, and the database with the effects. */
export interface TestQueue {
  readonly queue: string;
  readonly queueUrl: string;
  readonly deadLetterQueue: string;
  readonly database: Database;
  /** Sends messages to the queue like those of the topic. Returns their event ids. */
  send(count: number, bodyOf?: (index: number) => string): Promise<string[]>;
  sendOne(body: string, eventId: string | undefined): Promise<void>;
  expectEffectsOnce(eventIds: readonly string[]): Promise<void>;
  /** Empties the queue and its dead letter queue. */
  purge(): Promise<void>;
}

export async function openTestQueue(runtime: EventRuntime, service: string): Promise<TestQueue> {
  const queue = `${service}-on-purchase-cancelled`;
  const deadLetterQueue = deadLetterQueueOf(queue);
  const database = runtime.database(service);
  const queueUrl = await runtime.queueUrl(queue);
  async function sendOne(MessageBody: string, eventId: string | undefined): Promise<void> {
    const MessageAttributes =
      eventId === undefined ? {} : { event_id: { DataType: "String", StringValue: eventId } };
    await runtime.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, MessageAttributes }));
  }
  const testQueue: TestQueue = {
    queue,
    queueUrl,
    deadLetterQueue,
    database,
    sendOne,
    async send(count, bodyOf = () => eventBody()) {
      const eventIds = Array.from({ length: count }, () => randomUUID());
      await Promise.all(eventIds.map((eventId, index) => sendOne(bodyOf(index), eventId)));
      return eventIds;
    },
    async expectEffectsOnce(eventIds) {
      const all = async () => (await effectsOf(database, eventIds)).length >= eventIds.length;
      await until(all, "all events had an effect");
      const effects = await effectsOf(database, eventIds);
      expect(effects.map(effect => effect.eventId).sort()).to.deep.equal([...eventIds].sort());
    },
    async purge() {
      for (const name of [queue, deadLetterQueue]) {
        await runtime.sqs.send(new PurgeQueueCommand({ QueueUrl: await runtime.queueUrl(name) }));
      }
    },
  };
  await testQueue.purge();
  // The emulator gives the next message to the last poll of a consumer that was just stopped: one of these is for it.
  await until(async () => {
    await sendOne(eventBody(), undefined);
    const { Messages = [] } = await runtime.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
    return Messages.length > 0;
  }, "no consumer polls the queue");
  await testQueue.purge();
  return testQueue;
}

/** The body of an event that `recordEffects` handles. */
export function eventBody(reason = "REASON"): string {
  return JSON.stringify({ purchaseId: randomUUID(), userId: "1", reason });
}
