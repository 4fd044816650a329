import { randomUUID } from "node:crypto";
import { PurgeQueueCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import type { Database } from "../../../kit/database.ts";
import { deadLetterQueueOf } from "../../../kit/event.ts";
import type { ServiceName } from "../../../ops/services.ts";
import { until } from "../until.ts";
import { effectsOf } from "./effects.ts";
import type { EventFloor } from "./floor.ts";

/** The queue on which one service hears the event of `hearingOf`, with what its handling leaves. */
export interface Lane {
  readonly queue: string;
  readonly queueUrl: string;
  readonly deadLetterQueue: string;
  readonly database: Database;
  /** Puts messages into the queue as the topic would. Returns their event ids. */
  send(count: number, bodyOf?: (index: number) => string): Promise<string[]>;
  sendOne(body: string, eventId: string | undefined): Promise<void>;
  expectEffectsOnce(eventIds: readonly string[]): Promise<void>;
  /** Empties the queue and its dead letter queue. */
  purge(): Promise<void>;
}

export async function openLane(floor: EventFloor, service: ServiceName): Promise<Lane> {
  const queue = `${service}-on-purchase-cancelled`;
  const deadLetterQueue = deadLetterQueueOf(queue);
  const database = floor.database(service);
  const queueUrl = await floor.queueUrl(queue);
  async function sendOne(MessageBody: string, eventId: string | undefined): Promise<void> {
    const MessageAttributes =
      eventId === undefined ? {} : { event_id: { DataType: "String", StringValue: eventId } };
    await floor.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, MessageAttributes }));
  }
  const lane: Lane = {
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
      await until(all, "all took effect");
      const effects = await effectsOf(database, eventIds);
      expect(effects.map(effect => effect.event_id).sort()).to.deep.equal([...eventIds].sort());
    },
    async purge() {
      for (const name of [queue, deadLetterQueue]) {
        await floor.sqs.send(new PurgeQueueCommand({ QueueUrl: await floor.queueUrl(name) }));
      }
    },
  };
  await lane.purge();
  return lane;
}

/** The body of an event that `hearingOf` hears. */
export function eventBody(reason = "REASON"): string {
  return JSON.stringify({ purchaseId: randomUUID(), userId: "1", reason });
}
