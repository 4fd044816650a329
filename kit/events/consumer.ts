import { setTimeout as delay } from "node:timers/promises";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import { queueOf } from "#kit/contract/event.ts";
import type { Database, Tx } from "#kit/data/database.ts";
import { deliver, requireAvailable } from "#kit/events/deliver.ts";
import { openQueue } from "#kit/events/queue.ts";
import type { Logger } from "#kit/process/log.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import { createOutageLog } from "#kit/process/outage-log.ts";

/** What a service does with an event; runs in the transaction of the inbox row. */
export type EventHandler<Desc extends DescMessage> = (
  tx: Tx,
  event: MessageShape<Desc>,
  eventId: string,
) => Promise<void>;

/** What a service does with several events at once, where it can sum up what they change. */
export interface BatchHandler<Desc extends DescMessage> {
  /** False for an event that changes nothing here: only its inbox row is written. */
  readonly concerns?: (event: MessageShape<Desc>) => boolean;
  readonly handleAll: (tx: Tx, events: readonly MessageShape<Desc>[]) => Promise<void>;
}

/** An event that was received. */
export interface ReceivedEvent {
  readonly eventId: string;
  readonly event: Message;
  /** Runs work in the trace of the publisher. */
  inTrace<T>(work: () => Promise<T>): Promise<T>;
}

/** An event with its handler. */
export interface Subscription {
  readonly event: DescMessage;
  /** The most events that are received at once. */
  readonly receivedEvents: number;
  /** The most of them that are handled in one transaction. */
  readonly transactionEvents: number;
  /** False for an event of which only the inbox row is written. */
  readonly concerns: (event: Message) => boolean;
  /** Writes to a store other than the database, before the transaction. */
  readonly write?: (events: readonly Message[]) => Promise<void>;
  readonly handle: (tx: Tx, received: readonly ReceivedEvent[]) => Promise<void>;
  /** Rejects while that store is unavailable; nothing is taken off the queue meanwhile. */
  readonly ready?: () => Promise<unknown>;
}

// A handler of batches locks rows in the same order each time, and few statements do it all whatever the size of the
// batch. One of single events would hold the locks of all until the last, in whatever order they come.
const inBatches = { receivedEvents: 100, transactionEvents: 100 };
const inSingles = { receivedEvents: 10, transactionEvents: 1 };

/** Joins an event and its handler. */
export function subscribe<Desc extends DescMessage>(
  event: Desc,
  handler: EventHandler<Desc> | BatchHandler<Desc>,
): Subscription {
  if (typeof handler === "object") {
    const { concerns = () => true } = handler;
    return {
      event,
      ...inBatches,
      concerns: message => concerns(message as MessageShape<Desc>),
      handle: (tx, received) =>
        handler.handleAll(tx, received.map(each => each.event) as MessageShape<Desc>[]),
    };
  }
  return {
    event,
    ...inSingles,
    concerns: () => true,
    async handle(tx, received) {
      for (const each of received) {
        await each.inTrace(() => handler(tx, each.event as MessageShape<Desc>, each.eventId));
      }
    },
  };
}

/**
 * Joins an event and a store other than the database. `write` must be idempotent: it runs before the inbox rows are
 * inserted and outside of their transaction, so that no connection waits for the other store.
 */
export function subscribeStore<Desc extends DescMessage>(
  event: Desc,
  write: (events: readonly MessageShape<Desc>[]) => Promise<void>,
  ready: () => Promise<unknown>,
): Subscription {
  return {
    event,
    ...inBatches,
    concerns: () => false,
    write: events => write(events as readonly MessageShape<Desc>[]),
    handle: async () => {},
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
  readonly deleteDelayMs: number;
}

const pauseMs = 1000;
// One batch is handled while the next is received; a second lane is open only while the queue is never empty.
const lanesMax = 2;

/**
 * Starts to take events off the queue of this service, once there is one. Returns a function that stops, and lets
 * handlers in flight finish.
 */
export function startConsumer(subscription: Subscription, options: ConsumerOptions): () => Promise<void> {
  const name = queueOf(subscription.event, options.service);
  const outage = createOutageLog(options.log, name);
  const queue = openQueue(name, { ...options, onFailure: outage.failed });
  const stopping = new AbortController();
  const { signal } = stopping;
  const lanes = new Set<Promise<void>>();
  // A consumer that cannot handle anything receives nothing, so that the outage of a store makes no dead letters.
  let isAvailable = false;

  /** Receives and handles a batch. Returns true where the queue has more. */
  async function takeBatch(waitSeconds: number): Promise<boolean> {
    if (!isAvailable) {
      await requireAvailable(subscription, options);
      isAvailable = true;
    }
    const messages = await queue.receive(subscription.receivedEvents, waitSeconds, signal);
    outage.recovered();
    const isFull = messages.length === subscription.receivedEvents;
    if (isFull && lanes.size < lanesMax && !signal.aborted) {
      startLane(0);
    }
    await queue.holdWhile(messages, async () => {
      const handled = await deliver(subscription, name, messages, options);
      isAvailable &&= handled.length === messages.length;
      await queue.remove(handled);
    });
    return isFull;
  }

  /** Takes batches: until it is stopped where it waits for messages, else while the queue has more. */
  function startLane(waitSeconds: number): void {
    const lane = (async () => {
      for (let goesOn = true; goesOn && !signal.aborted; ) {
        goesOn = await takeBatch(waitSeconds).catch(async (error: unknown) => {
          isAvailable = false;
          if (!signal.aborted) {
            outage.failed(error);
            await delay(pauseMs, undefined, { signal }).catch(() => {});
          }
          return false;
        });
        goesOn ||= waitSeconds > 0;
      }
    })();
    lanes.add(lane);
    void lane.then(() => lanes.delete(lane));
  }

  startLane(options.waitSeconds);
  return async () => {
    stopping.abort();
    await Promise.all(lanes);
    await queue.flush();
  };
}
