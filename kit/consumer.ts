import { setTimeout as delay } from "node:timers/promises";
import {
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type SQSClient,
  type Message as SqsMessage,
} from "@aws-sdk/client-sqs";
import {
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type MessageShape,
} from "@bufbuild/protobuf";
import { propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { Consumer } from "sqs-consumer";
import { type Database, type Tx, violatedKey } from "#kit/database.ts";
import { queueOf } from "#kit/event.ts";
import { failpoint } from "#kit/failpoint.ts";
import type { Logger } from "#kit/log.ts";
import type { Metrics } from "#kit/metrics.ts";
import { validate } from "#kit/validation.ts";

/** What happens in a service when it hears an event; runs in the transaction of the inbox row. */
export type EventHandler<Desc extends DescMessage> = (
  tx: Tx,
  event: MessageShape<Desc>,
  eventId: string,
) => Promise<void>;

/** An event with its handler. */
export interface Hearing {
  readonly event: DescMessage;
  readonly handle: (tx: Tx, event: Message, eventId: string) => Promise<void>;
  /** Rejects while a store that the handler needs beside the database is away. */
  readonly ready: (() => Promise<unknown>) | undefined;
}

/** Joins an event and its handler. While `ready` rejects nothing is taken off the queue. */
export function hear<Desc extends DescMessage>(
  event: Desc,
  handler: EventHandler<Desc>,
  ready?: () => Promise<unknown>,
): Hearing {
  return {
    event,
    handle: (tx, message, eventId) => handler(tx, message as MessageShape<Desc>, eventId),
    ready,
  };
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

/** Starts to take events off the queue of this service. Returns a function that stops and lets handlers under way finish. */
export async function startConsumer(
  hearing: Hearing,
  options: ConsumerOptions,
): Promise<() => Promise<void>> {
  const queue = queueOf(hearing.event, options.service);
  const { QueueUrl } = await options.sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
  let failed = false;
  const consumer = Consumer.create({
    queueUrl: QueueUrl ?? "",
    sqs: abortOnlyReceives(options.sqs),
    batchSize: 10,
    waitTimeSeconds: options.waitSeconds,
    visibilityTimeout: options.visibilitySeconds,
    heartbeatInterval: Math.max(1, Math.floor(options.visibilitySeconds / 2) - 1),
    messageAttributeNames: ["All"],
    pollingCompleteWaitTimeMs: 10_000,
    // Who can handle nothing takes nothing: an outage of a store makes no dead letters.
    preReceiveMessageCallback: async () => {
      if (failed) {
        failed = false;
        await delay(pauseMs);
      }
      await options.database.query("SELECT 1");
      await hearing.ready?.();
    },
    handleMessage: async message => {
      await handle(hearing, queue, message, options);
      return message;
    },
  });
  consumer.on("error", error => {
    if (!isAbort(error.cause)) {
      failed = true;
      options.log.warn({ err: error, queue }, "queue could not be read");
    }
  });
  consumer.on("processing_error", () => {});
  consumer.start();
  return () => stop(consumer);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

// Stopping aborts the poll; what was received before is still handled, kept from others meanwhile, and deleted.
function abortOnlyReceives(sqs: SQSClient): SQSClient {
  const send = (command: ReceiveMessageCommand, options: { abortSignal?: AbortSignal }) =>
    sqs.send(command, command instanceof ReceiveMessageCommand ? options : {});
  return Object.assign(Object.create(sqs) as SQSClient, { send });
}

async function handle(
  hearing: Hearing,
  queue: string,
  message: SqsMessage,
  options: ConsumerOptions,
): Promise<void> {
  const event = hearing.event.typeName;
  const eventId = message.MessageAttributes?.event_id?.StringValue ?? "";
  const parent = propagation.extract(ROOT_CONTEXT, {
    traceparent: message.MessageAttributes?.traceparent?.StringValue,
  });
  await tracer.startActiveSpan(`${queue} process`, { kind: SpanKind.CONSUMER }, parent, async span => {
    try {
      const result = await consume(hearing, queue, eventId, message.Body ?? "", options.database);
      options.metrics.consumed.inc({ event, result });
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      options.metrics.consumed.inc({ event, result: "failed" });
      options.log.error({ err: error, event, eventId }, "event was not handled");
      throw error;
    } finally {
      span.end();
    }
  });
}

const tracer = trace.getTracer("questioncloud");

/** Handles one delivery: inbox row first, effect second, in one transaction. A second delivery changes nothing. */
export async function consume(
  hearing: Hearing,
  consumer: string,
  eventId: string,
  body: string,
  database: Database,
): Promise<"done" | "duplicate"> {
  const json = JSON.parse(body) as JsonValue;
  const event = validate(hearing.event, fromJson(hearing.event, json, { ignoreUnknownFields: true }));
  if (!/^[0-9a-f-]{36}$/.test(eventId)) {
    throw new Error("the message has no event id");
  }
  try {
    await database.transaction(async tx => {
      await tx.execute("INSERT INTO inbox (event_id, consumer) VALUES (?, ?)", [eventId, consumer]);
      await hearing.handle(tx, event, eventId);
      await failpoint("consumer.handled");
    });
  } catch (error) {
    if (violatedKey(error) === "PRIMARY" && (await isInInbox(database, eventId, consumer))) {
      return "duplicate";
    }
    throw error;
  }
  return "done";
}

async function isInInbox(database: Database, eventId: string, consumer: string): Promise<boolean> {
  const rows = await database.query("SELECT 1 FROM inbox WHERE event_id = ? AND consumer = ?", [
    eventId,
    consumer,
  ]);
  return rows.length > 0;
}

function stop(consumer: Consumer): Promise<void> {
  return new Promise(resolve => {
    consumer.once("stopped", () => resolve());
    consumer.stop({ abort: true });
  });
}
