import {
  countUnpublished,
  listOutbox,
  type OutboxRecord,
  type OutboxState,
} from "#kit/events/event-records.ts";
import { alignColumns, type Report } from "./command.ts";
import { plannedQueues, readDepth } from "./queues.ts";
import type { Workspace } from "./workspace.ts";

type OutboxCount = { readonly service: string } & Awaited<ReturnType<typeof countUnpublished>>;
type ListedEvent = { readonly service: string } & Pick<
  OutboxRecord,
  "eventId" | "type" | "state" | "attempts" | "createTime" | "lastError"
>;

interface QueueDepth {
  readonly queue: string;
  readonly waiting: number;
  readonly inFlight: number;
  readonly dead: number;
}

/** Lists events in outboxes, newest first, and the depths of queues. Without a state, lists unpublished events. */
export async function list(
  { databases, sqs }: Pick<Workspace, "databases" | "sqs">,
  { state, limit }: { state: OutboxState | undefined; limit: number },
): Promise<Report> {
  const states: readonly OutboxState[] = state === undefined ? ["PENDING", "PARKED"] : [state];
  const counts: OutboxCount[] = [];
  const events: ListedEvent[] = [];
  for (const service of databases.services) {
    counts.push({ service, ...(await databases.use(service, countUnpublished)) });
    const found = await databases.use(service, database => listOutbox(database, { states, limit }));
    events.push(
      ...found.map(({ eventId, type, state: current, attempts, createTime, lastError }) => ({
        service,
        eventId,
        type,
        state: current,
        attempts,
        createTime,
        lastError,
      })),
    );
  }
  const queues = await readQueues({ databases, sqs });
  return { lines: render(counts, events, queues), json: { outboxes: counts, events, queues } };
}

async function readQueues({ databases, sqs }: Pick<Workspace, "databases" | "sqs">): Promise<QueueDepth[]> {
  const shown = plannedQueues().filter(({ publisher, subscriber }) =>
    [publisher, subscriber].some(service => databases.services.includes(service)),
  );
  return Promise.all(
    shown.map(async ({ queue, deadLetterQueue }) => {
      const dead = await readDepth(sqs, deadLetterQueue);
      return { queue, ...(await readDepth(sqs, queue)), dead: dead.waiting + dead.inFlight };
    }),
  );
}

function render(
  counts: readonly OutboxCount[],
  listed: readonly ListedEvent[],
  queues: readonly QueueDepth[],
): string[] {
  const outboxes = counts.map(count => [
    count.service,
    String(count.pending),
    String(count.parked),
    count.oldestPending ?? "-",
  ]);
  const events = listed.map(event => [
    event.service,
    event.eventId,
    event.type.split(".").at(-1) ?? "",
    event.state,
    String(event.attempts),
    event.createTime,
    event.lastError?.split("\n")[0]?.slice(0, 80) ?? "",
  ]);
  const depths = queues.map(each => [
    each.queue,
    String(each.waiting),
    String(each.inFlight),
    String(each.dead),
  ]);
  return [
    ...alignColumns([["OUTBOX", "PENDING", "PARKED", "OLDEST PENDING (UTC)"], ...outboxes]),
    "",
    ...(events.length === 0
      ? ["no such events"]
      : alignColumns([
          ["SERVICE", "EVENT", "TYPE", "STATE", "ATTEMPTS", "APPENDED (UTC)", "LAST ERROR"],
          ...events,
        ])),
    "",
    ...alignColumns([["QUEUE", "WAITING", "IN FLIGHT", "DEAD"], ...depths]),
  ];
}
