import { events } from "#kit/contract/contracts.ts";
import { publisherOf } from "#kit/contract/event.ts";
import {
  countPublished,
  type PublishedRange,
  readOldestRemembered,
  readPublished,
} from "#kit/events/event-records.ts";
import { publishEvents } from "#kit/events/publish.ts";
import { inboxMarginDays } from "#kit/events/remove-old-events.ts";
import { UsageError } from "../command-line.ts";
import type { Report } from "./command.ts";
import type { Workspace } from "./workspace.ts";

interface ReplayOptions {
  readonly service: string;
  /** Events published at or after `from` and before `to`. */
  readonly from: Date;
  readonly to: Date;
  /** The name of an event, with or without its package; undefined means all. */
  readonly type: string | undefined;
  readonly apply: boolean;
}

/**
 * Publishes events of a service again, with their event ids, so that a subscriber that has handled one ignores it.
 * Refuses a period that inboxes may not remember any more, because its events could take effect twice.
 */
export async function replay(workspace: Dependencies, options: ReplayOptions): Promise<Report> {
  const { service, from, to, apply } = options;
  const range = { from, to, types: typesOf(options) };
  await refuseForgotten(workspace, options);
  return apply ? publishAgain(workspace, service, range) : count(workspace, service, range);
}

function typesOf({ service, type }: ReplayOptions): string[] {
  const published = events.filter(event => publisherOf(event) === service).map(({ typeName }) => typeName);
  const chosen = published.filter(
    name => type === undefined || name === type || name.split(".").at(-1) === type,
  );
  if (chosen.length === 0) {
    throw new UsageError(
      published.length === 0
        ? `${service} publishes no events`
        : `${service} does not publish ${type}; it publishes: ${published.join(", ")}`,
    );
  }
  return chosen;
}

async function refuseForgotten(
  { databases, outboxKeepDays }: Dependencies,
  { service, from }: ReplayOptions,
): Promise<void> {
  const days = outboxKeepDays + inboxMarginDays;
  const remembered = await databases.use(service, database => readOldestRemembered(database, days));
  if (from < remembered) {
    throw new UsageError(
      `--from must not be before ${remembered.toISOString()}: inboxes forget after ${days} days, ` +
        "and what they forgot would take effect a second time",
    );
  }
}

async function count({ databases }: Dependencies, service: string, range: PublishedRange): Promise<Report> {
  const found = await databases.use(service, database => countPublished(database, range));
  const lines = found.map(each => `${each.type}: ${each.events} events would be published again`);
  return {
    lines: lines.length === 0 ? ["no such events"] : [...lines, "nothing was published; --apply does it"],
    json: { apply: false, events: found },
  };
}

async function publishAgain(
  { databases, progress, signal, ...topics }: Dependencies,
  service: string,
  range: PublishedRange,
): Promise<Report> {
  const failures: { eventId: string; error: string }[] = [];
  let published = 0;
  let lastTime: string | null = null;
  for await (const page of readPublished(databases.of(service), range)) {
    const failed = await publishEvents(page, topics);
    failures.push(...[...failed].map(([{ eventId }, { reason }]) => ({ eventId, error: reason })));
    published += page.length - failed.size;
    lastTime = page.at(-1)?.publishTime ?? lastTime;
    progress(`${service}: ${published} published again`);
    if (signal.aborted) {
      break;
    }
  }
  return {
    lines: [
      `${service}: ${published} events published again`,
      ...failures.map(({ eventId, error }) => `  not published: ${eventId} ${error}`),
      ...(signal.aborted ? [`interrupted after events published at ${lastTime ?? "-"} UTC`] : []),
    ],
    json: { apply: true, interrupted: signal.aborted, published, failures },
    failed: signal.aborted || failures.length > 0,
  };
}

type Dependencies = Pick<
  Workspace,
  "databases" | "sns" | "topicArnPrefix" | "outboxKeepDays" | "progress" | "signal"
>;
