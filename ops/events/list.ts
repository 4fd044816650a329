import type { ServiceName } from "../services.ts";
import { alignColumns, type Desk, type Report } from "./command.ts";
import { plannedQueues, readDepth } from "./queues.ts";

export type OutboxState = "PENDING" | "PARKED" | "PUBLISHED";

interface OutboxCount {
  readonly service: ServiceName;
  readonly pending: number;
  readonly parked: number;
  readonly oldestPending: string | null;
}

interface OutboxRow {
  readonly service: ServiceName;
  readonly eventId: string;
  readonly type: string;
  readonly state: OutboxState;
  readonly attempts: number;
  readonly createTime: string;
  readonly lastError: string | null;
}

interface QueueDepth {
  readonly queue: string;
  readonly waiting: number;
  readonly inFlight: number;
  readonly dead: number;
}

/** Shows what outboxes and queues hold. Without a state, the rows that are not published, newest first. */
export async function list(
  { stores }: Desk,
  { state, limit }: { state: OutboxState | undefined; limit: number },
): Promise<Report> {
  const states: readonly OutboxState[] = state === undefined ? ["PENDING", "PARKED"] : [state];
  const counts: OutboxCount[] = [];
  const rows: OutboxRow[] = [];
  for (const service of stores.services) {
    counts.push(await countOutbox({ stores }, service));
    rows.push(...(await readOutbox({ stores }, service, { states, limit })));
  }
  const queues = await readQueues({ stores });
  return { lines: render(counts, rows, queues), json: { outboxes: counts, events: rows, queues } };
}

async function countOutbox({ stores }: Pick<Desk, "stores">, service: ServiceName): Promise<OutboxCount> {
  const found = await stores.inSchema(service, database =>
    database.query<{ state: OutboxState; rows: bigint; oldest: string }>(
      `SELECT state, COUNT(*) AS \`rows\`, CAST(MIN(create_time) AS CHAR) AS oldest FROM outbox
        WHERE state IN ('PENDING', 'PARKED') GROUP BY state`,
    ),
  );
  const of = (state: OutboxState) => found.find(row => row.state === state);
  return {
    service,
    pending: Number(of("PENDING")?.rows ?? 0),
    parked: Number(of("PARKED")?.rows ?? 0),
    oldestPending: of("PENDING")?.oldest ?? null,
  };
}

function readOutbox(
  { stores }: Pick<Desk, "stores">,
  service: ServiceName,
  { states, limit }: { states: readonly OutboxState[]; limit: number },
): Promise<OutboxRow[]> {
  return stores.inSchema(service, async database => {
    const rows = await database.query<Omit<OutboxRow, "service">>(
      `SELECT event_id AS eventId, type, state, attempts, CAST(create_time AS CHAR) AS createTime, last_error AS lastError
        FROM outbox WHERE state IN (?) ORDER BY outbox_id DESC LIMIT ?`,
      [states, limit],
    );
    return rows.map(row => ({ service, ...row }));
  });
}

async function readQueues({ stores }: Pick<Desk, "stores">): Promise<QueueDepth[]> {
  const near = plannedQueues().filter(({ announcer, hearer }) =>
    [announcer, hearer].some(service => stores.services.includes(service as ServiceName)),
  );
  return Promise.all(
    near.map(async ({ queue, deadLetterQueue }) => {
      const dead = await readDepth(stores.sqs, deadLetterQueue);
      return { queue, ...(await readDepth(stores.sqs, queue)), dead: dead.waiting + dead.inFlight };
    }),
  );
}

function render(
  counts: readonly OutboxCount[],
  rows: readonly OutboxRow[],
  queues: readonly QueueDepth[],
): string[] {
  const outboxes = counts.map(count => [
    count.service,
    String(count.pending),
    String(count.parked),
    count.oldestPending ?? "-",
  ]);
  const events = rows.map(row => [
    row.service,
    row.eventId,
    row.type.split(".").at(-1) ?? "",
    row.state,
    String(row.attempts),
    row.createTime,
    row.lastError?.split("\n")[0]?.slice(0, 80) ?? "",
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
