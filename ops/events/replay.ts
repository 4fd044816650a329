import { inboxMarginDays } from "#kit/cleanup.ts";
import { type OutboxEvent, publishEvents } from "#kit/publish.ts";
import type { ServiceName } from "../services.ts";
import { planTopology } from "../topology.ts";
import { type Desk, type Report, UsageError } from "./command.ts";

export interface ReplayOptions {
  readonly service: ServiceName;
  /** Events published at or after `from` and before `to`. */
  readonly from: Date;
  readonly to: Date;
  /** The name of an event, with or without its package; undefined means all. */
  readonly type: string | undefined;
  readonly apply: boolean;
}

interface Row extends OutboxEvent {
  readonly outbox_id: bigint;
  /** Exact to the microsecond, as the database writes it. */
  readonly published: string;
}

const rowsAtOnce = 500;

/**
 * Publishes events of a service again, with their event ids, so that who has handled one leaves it. Refuses a time that inboxes may not
 * remember any more, because an event from it could take effect twice.
 */
export async function replay(desk: Desk, options: ReplayOptions): Promise<Report> {
  const types = typesOf(options);
  await refuseForgotten(desk, options);
  return options.apply ? publishAgain(desk, options, types) : count(desk, options, types);
}

function typesOf({ service, type }: ReplayOptions): string[] {
  const announced = planTopology()
    .map(({ event }) => event.typeName)
    .filter(name => name.startsWith(`questioncloud.${service}.`));
  const chosen = announced.filter(
    name => type === undefined || name === type || name.split(".").at(-1) === type,
  );
  if (chosen.length === 0) {
    throw new UsageError(
      announced.length === 0
        ? `${service} announces no events`
        : `${service} does not announce ${type}; it announces: ${announced.join(", ")}`,
    );
  }
  return chosen;
}

async function refuseForgotten({ stores }: Desk, { service, from }: ReplayOptions): Promise<void> {
  const days = stores.outboxKeepDays + inboxMarginDays;
  const [row] = await stores.inSchema(service, database =>
    database.query<{ remembered: Date }>("SELECT NOW(6) - INTERVAL ? DAY AS remembered", [days]),
  );
  if (row !== undefined && from < row.remembered) {
    throw new UsageError(
      `--from must not be before ${row.remembered.toISOString()}: inboxes forget after ${days} days, ` +
        "and what they forgot would take effect a second time",
    );
  }
}

const inRange = "state = 'PUBLISHED' AND publish_time >= ? AND publish_time < ? AND type IN (?)";

async function count(
  { stores }: Desk,
  { service, from, to }: ReplayOptions,
  types: readonly string[],
): Promise<Report> {
  const found = await stores.inSchema(service, database =>
    database.query<{ type: string; rows: bigint }>(
      `SELECT type, COUNT(*) AS \`rows\` FROM outbox WHERE ${inRange} GROUP BY type ORDER BY type`,
      [from, to, types],
    ),
  );
  const events = found.map(({ type, rows }) => ({ type, events: Number(rows) }));
  const lines = events.map(each => `${each.type}: ${each.events} events would be published again`);
  return {
    lines: lines.length === 0 ? ["no such events"] : [...lines, "nothing was published; --apply does it"],
    json: { apply: false, events },
  };
}

async function publishAgain(
  { stores, progress, signal }: Desk,
  { service, from, to }: ReplayOptions,
  types: readonly string[],
): Promise<Report> {
  const failures: { eventId: string; error: string }[] = [];
  let published = 0;
  let last: Row | undefined;
  let more = true;
  while (more && !signal.aborted) {
    const after = last;
    const rows = await stores.inSchema(service, database =>
      database.query<Row>(
        `SELECT outbox_id, event_id, topic, type, body, traceparent, CAST(publish_time AS CHAR) AS published
          FROM outbox WHERE ${inRange} AND (publish_time > ? OR (publish_time = ? AND outbox_id > ?))
          ORDER BY publish_time, outbox_id LIMIT ${rowsAtOnce}`,
        [from, to, types, after?.published ?? from, after?.published ?? from, after?.outbox_id ?? 0n],
      ),
    );
    const failed = await publishEvents(rows, stores);
    failures.push(...[...failed].map(([row, error]) => ({ eventId: row.event_id, error })));
    published += rows.length - failed.size;
    progress(`${service}: ${published} published again`);
    last = rows.at(-1);
    more = rows.length === rowsAtOnce;
  }
  return {
    lines: [
      `${service}: ${published} events published again`,
      ...failures.map(({ eventId, error }) => `  not published: ${eventId} ${error}`),
      ...(signal.aborted ? [`interrupted after events published at ${last?.published ?? "-"} UTC`] : []),
    ],
    json: { apply: true, interrupted: signal.aborted, published, failures },
    failed: signal.aborted || failures.length > 0,
  };
}
