import { type ParseArgsConfig, parseArgs } from "node:util";
import { serviceNames } from "#kit/contract/contracts.ts";
import type { OutboxState } from "#kit/events/event-records.ts";
import { namedServices, runCommand, UsageError, untilInterrupted } from "./command-line.ts";
import { commandEnvironment } from "./environment.ts";
import type { Command } from "./events/command.ts";
import { list } from "./events/list.ts";
import { redriveDeadLetters, redriveParked } from "./events/redrive.ts";
import { replay } from "./events/replay.ts";
import { show } from "./events/show.ts";
import { withWorkspace, workspaceConfig } from "./events/workspace.ts";

const usage = `npm run events -- <command> [--json]

list [--service S] [--state PENDING|PARKED|PUBLISHED] [--limit N]
    Events in the outboxes (those not published, unless --state says otherwise; 20 per service) and the depth of every
    queue and dead letter queue.
show <event_id>
    Where one event is: outbox, inbox of each subscriber, dead letter queues.
redrive --queue Q | --all [--apply]
    Sends dead letters back to their queue, after the cause is fixed.
redrive --parked [--service S] [--apply]
    Lets the relays try parked events again.
replay --service S --from TIME --to TIME [--type EVENT] [--apply]
    Publishes events again that were published in this time, under their event ids; for queues that lost messages.
    Times in ISO 8601 with zone.

Without --apply, redrive and replay only say what they would do. Both may be interrupted and repeated: inboxes stop
duplicates. With --json the result is one JSON object on standard output. Exits with 0 when all is done, 1 when
something could not be done or was not found, 2 when called wrongly.
Reads <SERVICE>_DATABASE_URL, AWS_REGION, AWS_ACCOUNT_ID, AWS_ENDPOINT_URL and OUTBOX_KEEP_DAYS; without them it uses
the local stack that is running.
Services: ${serviceNames.join(", ")}.
`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

type Options = NonNullable<ParseArgsConfig["options"]>;

/** A parsed command line: the services whose schemas are needed, and the work. */
interface Invocation {
  readonly services: readonly string[];
  readonly json: boolean;
  readonly run: Command;
}

const readers: Readonly<Record<string, (args: string[]) => Invocation>> = {
  list(args) {
    const { values } = parse(args, { service: text, state: text, limit: text });
    const state = values.state as OutboxState | undefined;
    if (state !== undefined && !["PENDING", "PARKED", "PUBLISHED"].includes(state)) {
      throw new UsageError("--state must be PENDING, PARKED or PUBLISHED");
    }
    const limit = Number(values.limit ?? 20);
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
      throw new UsageError("--limit must be a whole number from 1 to 1000");
    }
    return { ...common(values), run: workspace => list(workspace, { state, limit }) };
  },
  show(args) {
    const { values, positionals } = parse(args, {}, 1);
    const eventId = positionals[0]?.toLowerCase() ?? "";
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(eventId)) {
      throw new UsageError("show needs an event id, a UUID");
    }
    return { ...common(values), run: workspace => show(workspace, eventId) };
  },
  redrive(args) {
    const { values } = parse(args, { queue: text, all: flag, parked: flag, service: text, apply: flag });
    const apply = values.apply === true;
    const { queue, all, parked } = values;
    if ([queue, all, parked].filter(value => value !== undefined).length !== 1) {
      throw new UsageError("redrive needs one of --queue, --all and --parked");
    }
    if (parked) {
      return { ...common(values), run: workspace => redriveParked(workspace, { apply }) };
    }
    if (values.service !== undefined) {
      throw new UsageError("--service belongs to --parked");
    }
    const options = { queue: queue as string | undefined, apply };
    return { ...common(values), services: [], run: workspace => redriveDeadLetters(workspace, options) };
  },
  replay(args) {
    const { values } = parse(args, { service: text, from: text, to: text, type: text, apply: flag });
    const [service] = values.service === undefined ? [] : common(values).services;
    if (service === undefined) {
      throw new UsageError("replay needs --service");
    }
    const [from, to] = [time("--from", values.from), time("--to", values.to)];
    if (from >= to) {
      throw new UsageError("--from must be before --to");
    }
    const type = values.type as string | undefined;
    const options = { service, from, to, type, apply: values.apply === true };
    return { ...common(values), run: workspace => replay(workspace, options) };
  },
};

type Values = Readonly<Record<string, unknown>>;

function parse(args: string[], options: Options, positionals = 0): { values: Values; positionals: string[] } {
  const parsed = parseArgs({ args, allowPositionals: true, options: { ...options, json: flag } });
  if (parsed.positionals.length > positionals) {
    throw new UsageError(`not understood: ${parsed.positionals[positionals]}`);
  }
  return parsed;
}

function common({ service, json }: Values): { services: readonly string[]; json: boolean } {
  return { services: namedServices(service === undefined ? [] : [service as string]), json: json === true };
}

function time(option: string, value: unknown): Date {
  const date = new Date(String(value));
  if (!/T.+(Z|[+-]\d\d:\d\d)$/.test(String(value)) || Number.isNaN(date.getTime())) {
    throw new UsageError(`${option} needs a time with its zone, for example 2026-08-01T09:00:00+09:00`);
  }
  return date;
}

async function main([command = "", ...args]: string[]): Promise<number> {
  if (["--help", "-h", "help"].includes(command) || args.includes("--help")) {
    process.stdout.write(usage);
    return 0;
  }
  const reader = Object.hasOwn(readers, command) ? readers[command] : undefined;
  if (reader === undefined) {
    throw new UsageError(command === "" ? "a command is missing" : `no such command: ${command}`);
  }
  const { services, json, run } = reader(args);
  const env = await commandEnvironment(workspaceConfig(services));
  const interrupted = untilInterrupted();
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const report = await withWorkspace(env, services, { progress, signal: interrupted }, run);
  process.stdout.write(json ? `${JSON.stringify(report.json)}\n` : `${report.lines.join("\n")}\n`);
  return report.failed ? 1 : 0;
}

if (import.meta.main) {
  await runCommand("events", () => main(process.argv.slice(2)));
}
