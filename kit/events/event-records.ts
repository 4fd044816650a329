import type { Database, Queryable } from "#kit/data/database.ts";
import { readPages } from "#kit/data/invariants.ts";
import type { OutboxEvent } from "#kit/events/publish.ts";

export type OutboxState = "PENDING" | "PARKED" | "PUBLISHED";

/** An event in an outbox, for operators. Times are UTC, exact to the microsecond. */
export interface OutboxRecord extends OutboxEvent {
  readonly state: OutboxState;
  readonly attempts: number;
  readonly createTime: string;
  readonly nextAttemptTime: string;
  readonly publishTime: string | null;
  readonly lastError: string | null;
}

const outboxColumns = `event_id, topic, type, body, traceparent, state, attempts, last_error,
  CAST(create_time AS CHAR) AS create_time, CAST(next_attempt_time AS CHAR) AS next_attempt_time,
  CAST(publish_time AS CHAR) AS publish_time`;

/** Reads all events of an outbox that are older than `minAgeSeconds`, in pages. */
export function readOutbox(
  from: Queryable,
  minAgeSeconds: number,
): AsyncIterable<Pick<OutboxRecord, "eventId" | "type" | "state">[]> {
  return readPages(from, {
    columns: "event_id, type, state",
    table: "outbox",
    index: "PRIMARY",
    where: "create_time <= NOW(6) - INTERVAL ? SECOND",
    values: [minAgeSeconds],
    keyset: [{ column: "outbox_id", direction: "ASC" }],
  });
}

/** Counts the events of an outbox that are not published. */
export async function countUnpublished(
  from: Queryable,
): Promise<{ pending: number; parked: number; oldestPending: string | null }> {
  const found = await from.query<{ state: OutboxState; events: bigint; oldest: string }>(
    `SELECT state, COUNT(*) AS events, CAST(MIN(create_time) AS CHAR) AS oldest FROM outbox
      WHERE state IN ('PENDING', 'PARKED') GROUP BY state`,
  );
  const of = (state: OutboxState) => found.find(row => row.state === state);
  return {
    pending: Number(of("PENDING")?.events ?? 0),
    parked: Number(of("PARKED")?.events ?? 0),
    oldestPending: of("PENDING")?.oldest ?? null,
  };
}

/** Reads the newest events of an outbox in the given states. */
export function listOutbox(
  from: Queryable,
  { states, limit }: { states: readonly OutboxState[]; limit: number },
): Promise<OutboxRecord[]> {
  return from.query(
    `SELECT ${outboxColumns} FROM outbox WHERE state IN (?) ORDER BY outbox_id DESC LIMIT ?`,
    [states, limit],
  );
}

/** Reads an event of an outbox. */
export async function findOutboxRecord(from: Queryable, eventId: string): Promise<OutboxRecord | undefined> {
  const [row] = await from.query<OutboxRecord>(`SELECT ${outboxColumns} FROM outbox WHERE event_id = ?`, [
    eventId,
  ]);
  return row;
}

/** Those of the given events that were handled from a queue, each with the time (UTC). */
export async function findHandled(
  from: Queryable,
  queue: string,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await from.query<{ eventId: string; handledTime: string }>(
    "SELECT event_id, CAST(create_time AS CHAR) AS handled_time FROM inbox WHERE consumer = ? AND event_id IN (?)",
    [queue, eventIds],
  );
  return new Map(rows.map(row => [row.eventId, row.handledTime]));
}

/** Counts parked events: those appended within the last `days`, and older ones. */
export async function countParked(
  from: Queryable,
  days: number,
): Promise<{ parked: number; tooOld: number }> {
  const [row] = await from.query<{ parked: bigint; tooOld: bigint }>(
    `SELECT COUNT(IF(create_time >= NOW(6) - INTERVAL ? DAY, 1, NULL)) AS parked,
        COUNT(IF(create_time < NOW(6) - INTERVAL ? DAY, 1, NULL)) AS too_old
      FROM outbox WHERE state = 'PARKED'`,
    [days, days],
  );
  return { parked: Number(row?.parked ?? 0), tooOld: Number(row?.tooOld ?? 0) };
}

/** Makes up to `limit` parked events of the last `days` pending again, with all their attempts. Returns how many. */
export async function unparkEvents(
  database: Database,
  { days, limit }: { days: number; limit: number },
): Promise<number> {
  const { affectedRows } = await database.execute(
    `UPDATE outbox SET state = 'PENDING', attempts = 0, next_attempt_time = NOW(6)
      WHERE state = 'PARKED' AND create_time >= NOW(6) - INTERVAL ? DAY LIMIT ?`,
    [days, limit],
  );
  return affectedRows;
}

/** Events of an outbox that were published in a time, `from` included and `to` not. */
export interface PublishedRange {
  readonly from: Date;
  readonly to: Date;
  readonly types: readonly string[];
}

const inRange = "state = 'PUBLISHED' AND publish_time >= ? AND publish_time < ? AND type IN (?)";

/** Counts published events by type. */
export async function countPublished(
  database: Queryable,
  { from, to, types }: PublishedRange,
): Promise<{ type: string; events: number }[]> {
  const rows = await database.query<{ type: string; events: bigint }>(
    `SELECT type, COUNT(*) AS events FROM outbox WHERE ${inRange} GROUP BY type ORDER BY type`,
    [from, to, types],
  );
  return rows.map(({ type, events }) => ({ type, events: Number(events) }));
}

/** Reads published events in pages, in the order in which they were published. */
export function readPublished(
  database: Queryable,
  { from, to, types }: PublishedRange,
): AsyncIterable<OutboxRecord[]> {
  return readPages(database, {
    columns: outboxColumns,
    table: "outbox",
    index: "ix_outbox_published",
    where: inRange,
    values: [from, to, types],
    keyset: [
      { column: "outbox.publish_time", direction: "ASC" },
      { column: "outbox_id", direction: "ASC" },
    ],
  });
}

/** The time of which an inbox still remembers every event, `days` ago by the clock of the database. */
export async function readOldestRemembered(from: Queryable, days: number): Promise<Date> {
  const [row] = await from.query<{ remembered: Date }>("SELECT NOW(6) - INTERVAL ? DAY AS remembered", [
    days,
  ]);
  return row?.remembered ?? new Date();
}
