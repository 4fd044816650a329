import { setTimeout as delay } from "node:timers/promises";
import {
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type SQSClient,
  type Message as SqsMessage,
} from "@aws-sdk/client-sqs";
import type { DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import { Consumer } from "sqs-consumer";
import { queueOf } from "#kit/contract/event.ts";
import type { Database, Tx } from "#kit/data/database.ts";
import { consume } from "#kit/events/consume.ts";
import { eventIdOf, recordDelivery, recordReceive } from "#kit/events/delivery-telemetry.ts";
import type { Logger } from "#kit/process/log.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import { createOutageLog } from "#kit/process/outage-log.ts";

/** What a service does with an event; runs in the transaction of the inbox row. */
export type EventHandler<Desc extends DescMessage> = (
  tx: Tx,
  event: MessageShape<Desc>,
  eventId: string,
) => Promise<void>;

/** An event with its handler. */
export interface Subscription {
  readonly event: DescMessage;
  /** Writes to a store other than the database, before the transaction. */
  readonly write?: (event: Message) => Promise<void>;
  readonly handle: (tx: Tx, event: Message, eventId: string) => Promise<void>;
  /** Rejects while that store is unavailable; nothing is taken off the queue meanwhile. */
  readonly ready?: () => Promise<unknown>;
}

/** Joins an event and its handler. */
export function subscribe<Desc extends DescMessage>(event: Desc, handler: EventHandler<Desc>): Subscription {
  return { event, handle: (tx, message, eventId) => handler(tx, message as MessageShape<Desc>, eventId) };
}

/**
 * Joins an event and a store other than the database. `write` must be idempotent: it runs before the inbox row is
 * inserted and outside of its transaction, so that no connection waits for the other store.
 */
export function subscribeStore<Desc extends DescMessage>(
  event: Desc,
  write: (event: MessageShape<Desc>) => Promise<void>,
  ready: () => Promise<unknown>,
): Subscription {
  return { event, write: message => write(message as MessageShape<Desc>), handle: async () => {}, ready };
}

export interface ConsumerOptions {
  readonly service: string;
  readonly database: Database;
  readonly sqs: SQSClient;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly waitSeconds: number;
  readonly visibilitySeconds: number;
}

const pauseMs = 1000;

/**
 * Starts to take events off the queue of this service. Returns a function that stops, and lets handlers in flight
 * finish.
 */
export async function startConsumer(
  subscription: Subscription,
  options: ConsumerOptions,
): Promise<() => Promise<void>> {
  const queue = queueOf(subscription.event, options.service);
  const { QueueUrl } = await options.sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
  const outage = createOutageLog(options.log, queue);
  const onReceive = (messages: readonly SqsMessage[], startTime: number) => {
    outage.recovered();
    recordReceive(queue, messages, startTime);
  };
  let failed = false;
  const consumer = Consumer.create({
    queueUrl: QueueUrl ?? "",
    sqs: abortOnlyReceives(options.sqs, onReceive),
    batchSize: 10,
    waitTimeSeconds: options.waitSeconds,
    visibilityTimeout: options.visibilitySeconds,
    heartbeatInterval: Math.max(1, Math.floor(options.visibilitySeconds / 2) - 1),
    messageAttributeNames: ["All"],
    messageSystemAttributeNames: ["SentTimestamp"],
    pollingCompleteWaitTimeMs: 10_000,
    // A consumer that cannot handle anything receives nothing, so that the outage of a store makes no dead letters.
    preReceiveMessageCallback: async () => {
      if (failed) {
        failed = false;
        await delay(pauseMs);
      }
      await options.database.requireWritable();
      await subscription.ready?.();
    },
    handleMessage: async message => {
      await handle(subscription, queue, message, options);
      return message;
    },
  });
  consumer.on("error", error => {
    if (!isAbort(error.cause)) {
      failed = true;
      outage.failed(error);
    }
  });
  consumer.on("processing_error", () => {});
  consumer.start();
  return () => stop(consumer);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

// Stopping aborts the poll; what was received before is still handled, stays invisible to others meanwhile, and is
// deleted.
function abortOnlyReceives(
  sqs: SQSClient,
  onReceive: (messages: readonly SqsMessage[], startTime: number) => void,
): SQSClient {
  const send = async (command: ReceiveMessageCommand, options: { abortSignal?: AbortSignal }) => {
    if (!(command instanceof ReceiveMessageCommand)) {
      return sqs.send(command, {});
    }
    const startTime = Date.now();
    const answer = await sqs.send(command, options);
    onReceive(answer.Messages ?? [], startTime);
    return answer;
  };
  return Object.assign(Object.create(sqs) as SQSClient, { send });
}

function handle(
  subscription: Subscription,
  queue: string,
  message: SqsMessage,
  options: ConsumerOptions,
): Promise<void> {
  const eventId = eventIdOf(message);
  const event = subscription.event.typeName;
  return recordDelivery({ subscriber: options.service, queue, event, eventId, message }, options, () =>
    consume(subscription, queue, eventId, message.Body ?? "", options.database),
  );
}

function stop(consumer: Consumer): Promise<void> {
  return new Promise(resolve => {
    consumer.once("stopped", () => resolve());
    consumer.stop({ abort: true });
  });
}
