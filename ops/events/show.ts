import { findHandled, findOutboxRecord, type OutboxRecord } from "#kit/events/event-records.ts";
import { alignColumns, type Report } from "./command.ts";
import { type PlannedQueue, peekDeadLetters, plannedQueues } from "./queues.ts";
import type { Workspace } from "./workspace.ts";

interface FoundEvent {
  readonly service: string;
  readonly record: OutboxRecord;
}

interface Delivery {
  readonly subscriber: string;
  readonly queue: string;
  /** When the subscriber handled it, or null. */
  readonly handledTime: string | null;
  readonly inDeadLetterQueue: boolean;
}

// Every dead letter must be received to be read, so their number is limited.
const peekedMessages = 1000;

/** Shows where one event is: in which outbox, and how far each of its subscribers is. */
export async function show(workspace: Dependencies, eventId: string): Promise<Report> {
  const found = await findInOutboxes(workspace, eventId);
  const queues = plannedQueues().filter(({ type }) => found === undefined || type === found.record.type);
  workspace.progress(`reading ${queues.length} dead letter queues`);
  const deliveries = await Promise.all(queues.map(planned => readDelivery(workspace, planned, eventId)));
  const known = deliveries.filter(delivery => delivery.handledTime !== null || delivery.inDeadLetterQueue);
  const shown = found === undefined ? known : deliveries;
  const json = {
    eventId,
    outbox: found === undefined ? null : { service: found.service, ...found.record },
    subscriptions: shown,
  };
  return { lines: render(eventId, found, shown), json, failed: found === undefined && known.length === 0 };
}

async function findInOutboxes({ databases }: Dependencies, eventId: string): Promise<FoundEvent | undefined> {
  for (const service of databases.services) {
    const record = await databases.use(service, database => findOutboxRecord(database, eventId));
    if (record !== undefined) {
      return { service, record };
    }
  }
  return undefined;
}

async function readDelivery(
  { databases, sqs }: Dependencies,
  { subscriber, queue, deadLetterQueue }: PlannedQueue,
  eventId: string,
): Promise<Delivery> {
  const handled = await databases.use(subscriber, database => findHandled(database, queue, [eventId]));
  const letters = await peekDeadLetters(sqs, deadLetterQueue, peekedMessages);
  return {
    subscriber,
    queue,
    handledTime: handled.get(eventId) ?? null,
    inDeadLetterQueue: letters.some(letter => letter.eventId === eventId),
  };
}

function render(eventId: string, found: FoundEvent | undefined, deliveries: readonly Delivery[]): string[] {
  const facts =
    found === undefined
      ? [["outbox", "in none; published events are removed after OUTBOX_KEEP_DAYS"]]
      : describe(found);
  const table = deliveries.map(({ subscriber, queue, handledTime, inDeadLetterQueue }) => [
    subscriber,
    queue,
    handledTime === null ? "no" : `${handledTime} UTC`,
    inDeadLetterQueue ? "yes" : "no",
  ]);
  return [
    ...alignColumns([["event", eventId], ...facts]),
    "",
    ...(table.length === 0
      ? ["no inbox and no dead letter queue has it"]
      : alignColumns([["SUBSCRIBER", "QUEUE", "HANDLED", "IN DEAD LETTER QUEUE"], ...table])),
  ];
}

function describe({ service, record }: FoundEvent): string[][] {
  const { type, topic, state, attempts, createTime, nextAttemptTime, publishTime, lastError } = record;
  return [
    ["type", type],
    ["topic", topic],
    ["outbox", `${service}, ${state}, ${attempts} attempts`],
    ["appended", `${createTime} UTC`],
    publishTime === null
      ? ["next attempt", state === "PENDING" ? `${nextAttemptTime} UTC` : "none"]
      : ["published", `${publishTime} UTC`],
    ["traceparent", record.traceparent ?? "-"],
    ["last error", lastError ?? "-"],
    ["body", record.body],
  ];
}

type Dependencies = Pick<Workspace, "databases" | "sqs" | "progress">;
