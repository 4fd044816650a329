import { type ParseArgsConfig, parseArgs } from "node:util";
import { type Desk, type Report, UsageError } from "./events/command.ts";
import { list, type OutboxState } from "./events/list.ts";
import { redriveDeadLetters, redriveParked } from "./events/redrive.ts";
import { replay } from "./events/replay.ts";
import { show } from "./events/show.ts";
import { openStores } from "./events/stores.ts";
import { type ServiceName, serviceNames } from "./services.ts";

const usage = `npm run events -- <command> [--json]

list [--service S] [--state PENDING|PARKED|PUBLISHED] [--limit N]
    Rows of the outboxes (those not published, unless --state says otherwise; 20 per service) and the depth of every queue and dead letter queue.
show <event_id>
    Where one event stands: outbox, inbox of each hearer, dead letter queues.
redrive --queue Q | --all [--apply]
    Sends dead letters back to their queue, after the cause is mended.
redrive --parked [--service S] [--apply]
    Lets the relays try parked outbox rows again.
replay --service S --from TIME --to TIME [--type EVENT] [--apply]
    Publishes events again that were published in this time, under their event ids; for queues that lost messages. Times in ISO 8601 with zone.

Without --apply, redrive and replay only say what they would do. Both may be interrupted and repeated: inboxes stop duplicates. With --json the
result is one JSON object on standard output. Ends with 0 when all is done, 1 when something could not be done or was not found, 2 when called wrongly.
Reads <SERVICE>_DATABASE_URL, AWS_REGION, AWS_ACCOUNT_ID, AWS_ENDPOINT_URL, OUTBOX_KEEP_DAYS. Services: ${serviceNames.join(", ")}.
`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What a command line asks for: the services whose schemas are needed, and the work. */
interface Order {
  readonly services: readonly ServiceName[];
  readonly json: boolean;
  readonly run: (desk: Desk) => Promise<Report>;
}

const readers: Readonly<Record<string, (args: string[]) => Order>> = {
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
    return { ...common(values), run: desk => list(desk, { state, limit }) };
  },
  show(args) {
    const { values, positionals } = parse(args, {}, 1);
    const eventId = positionals[0]?.toLowerCase() ?? "";
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(eventId)) {
      throw new UsageError("show needs an event id, a UUID");
    }
    return { ...common(values), run: desk => show(desk, eventId) };
  },
  redrive(args) {
    const { values } = parse(args, { queue: text, all: flag, parked: flag, service: text, apply: flag });
    const apply = values.apply === true;
    const { queue, all, parked } = values;
    if ([queue, all, parked].filter(value => value !== undefined).length !== 1) {
      throw new UsageError("redrive needs one of --queue, --all and --parked");
    }
    if (parked) {
      return { ...common(values), run: desk => redriveParked(desk, { apply }) };
    }
    if (values.service !== undefined) {
      throw new UsageError("--service belongs to --parked");
    }
    const run = (desk: Desk) => redriveDeadLetters(desk, { queue: queue as string | undefined, apply });
    return { ...common(values), services: [], run };
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
    const options = {
      service,
      from,
      to,
      type: values.type as string | undefined,
      apply: values.apply === true,
    };
    return { ...common(values), run: desk => replay(desk, options) };
  },
};

type Values = Readonly<Record<string, unknown>>;

function parse(args: string[], options: Options, positionals = 0): { values: Values; positionals: string[] } {
  try {
    const parsed = parseArgs({ args, allowPositionals: true, options: { ...options, json: flag } });
    if (parsed.positionals.length > positionals) {
      throw new UsageError(`not understood: ${parsed.positionals[positionals]}`);
    }
    return parsed;
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message);
  }
}

function common({ service, json }: Values): { services: readonly ServiceName[]; json: boolean } {
  if (service !== undefined && !serviceNames.includes(service as ServiceName)) {
    throw new UsageError(`no such service: ${service}; there are: ${serviceNames.join(", ")}`);
  }
  return { services: service === undefined ? serviceNames : [service as ServiceName], json: json === true };
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
  const order = reader(args);
  const stores = openStores(process.env, order.services);
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  process.once("SIGTERM", () => interrupt.abort());
  try {
    const progress = (line: string) => process.stderr.write(`${line}\n`);
    const report = await order.run({ stores, progress, signal: interrupt.signal });
    process.stdout.write(order.json ? `${JSON.stringify(report.json)}\n` : `${report.lines.join("\n")}\n`);
    return report.failed ? 1 : 0;
  } finally {
    await stores.close();
  }
}

function explain(error: unknown): string {
  const causes: string[] = [];
  for (let each = error; each instanceof Error; each = each.cause) {
    causes.push(each.message || each.name);
  }
  return causes.length === 0 ? String(error) : causes.join(": ");
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    const wrong = error instanceof UsageError;
    process.stderr.write(`${explain(error)}\n${wrong ? "npm run events -- --help shows how\n" : ""}`);
    return wrong ? 2 : 1;
  });
}
