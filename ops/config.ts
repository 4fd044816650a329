import { parseArgs } from "node:util";
import { gatewayConfig } from "#gateway/config.ts";
import { siteConfig } from "#gateway/site/config.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { type ConfigSchema, type Variable, variablesOf } from "#kit/process/config.ts";
import { telemetryConfig } from "#kit/process/telemetry.ts";
import { runCommand, UsageError } from "./command-line.ts";

const usage = `npm run config -- [<service> | gateway | site]...

Prints the variables of services, of the gateway and of the site, as tables: what each accepts, its unit, whether it is
a secret, and its default. Without arguments the page of all of them, docs/configuration.md.
`;

/** One row of the table. */
type Row = Pick<Variable<unknown>, "name" | "format" | "secret" | "schema">;

/** Prints the tables of services, the gateway or the site; the page of all of them where `parts` is empty. */
export async function printConfig(parts: readonly string[]): Promise<string> {
  const tables = await readTables();
  const unknown = parts.find(part => !Object.hasOwn(tables, part));
  if (unknown !== undefined) {
    throw new UsageError(`no such part: ${unknown}; there are ${Object.keys(tables).join(", ")}`);
  }
  const sections = parts.length === 0 ? pageOf(tables) : parts.map(part => section(part, tables[part] ?? []));
  return `${sections.join("\n\n")}\n`;
}

type Tables = Readonly<Record<string, readonly Row[]>>;

function pageOf(tables: Tables): string[] {
  const own = Object.entries(tables).map(([part, rows]) =>
    serviceNames.includes(part)
      ? section(
          part,
          rows.filter(({ name }) => isOwn(part, name)),
        )
      : section(part, rows),
  );
  return [title, section("Every service", sharedRows(tables)), ...own];
}

const title = `# Configuration

Every process reads its variables once, when it starts, and names all that are missing or wrong. An empty value
counts as absent. Addresses of services are lists, separated by commas. This page is what \`npm run config\` prints;
\`npm run config -- pay\` prints what one service reads.`;

async function readTables(): Promise<Tables> {
  const services = await Promise.all(
    serviceNames.map(async name => {
      const { config } = (await import(`../services/${name}/config.ts`)) as { config: ConfigSchema };
      return [name, rowsOf({ config, telemetryConfig })] as const;
    }),
  );
  return {
    ...Object.fromEntries(services),
    gateway: rowsOf(gatewayConfig),
    site: rowsOf(siteConfig),
  };
}

function rowsOf(schema: ConfigSchema): Row[] {
  return [...new Map(variablesOf(schema).map(variable => [variable.name, variable])).values()];
}

/** What several services read, with the names that start with the service's own made general. */
function sharedRows(tables: Tables): Row[] {
  const rows = serviceNames.flatMap(service =>
    (tables[service] ?? [])
      .filter(({ name }) => !isOwn(service, name))
      .map(row => ({ ...row, name: generalName(service, row.name) })),
  );
  return [...new Map(rows.map(row => [row.name, row])).values()];
}

const generalNames = /^(GRPC_PORT|HTTP_PORT|PROBE_PORT|TLS_\w+_FILE|DATABASE_\w+|SERVICE_KEY_FILE)$/;

function isOwn(service: string, name: string): boolean {
  const prefix = `${service.toUpperCase()}_`;
  return (
    name.startsWith(prefix) &&
    generalName(service, name) === name &&
    !/^USER_JWKS_(URL|REFRESH_MS)$/.test(name)
  );
}

function generalName(service: string, name: string): string {
  const own = name.replace(`${service.toUpperCase()}_`, "");
  const isAddress = /^[A-Z]+_GRPC_ADDRESSES$/.test(name);
  return isAddress
    ? "<CALLEE>_GRPC_ADDRESSES"
    : generalNames.test(own) && own !== name
      ? `<SERVICE>_${own}`
      : name;
}

function section(name: string, rows: readonly Row[]): string {
  const lines = rows.map(
    row =>
      `| \`${row.name}\` | ${row.format}${row.secret ? ", secret" : ""} | ${unitOf(row.name)} | ${fallbackOf(row)} |`,
  );
  return rows.length === 0
    ? `## ${name}\n\nNone besides those of every service.`
    : [`## ${name}\n`, "| variable | value | unit | default |", "|---|---|---|---|", ...lines].join("\n");
}

const units: readonly (readonly [ending: RegExp, unit: string])[] = [
  [/_(MS|DELAY)$/, "milliseconds"],
  [/_SECONDS$/, "seconds"],
  [/_DAYS$/, "days"],
  [/_BYTES$/, "bytes"],
  [/_POINTS$/, "points"],
  [/PER_MINUTE$/, "per minute"],
  [/PER_HOUR$/, "per hour"],
];

function unitOf(name: string): string {
  return units.find(([ending]) => ending.test(name))?.[1] ?? "";
}

function fallbackOf({ schema }: Row): string {
  const parsed = schema.safeParse(undefined);
  if (!parsed.success) {
    return "required";
  }
  return parsed.data === undefined ? "none" : `\`${printValue(parsed.data)}\``;
}

function printValue(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map(printValue).join(",");
  }
  return typeof value === "object" && value !== null ? Object.values(value).join(":") : String(value);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: "boolean", short: "h" } },
    allowPositionals: true,
  });
  process.stdout.write(values.help ? usage : await printConfig(positionals));
  return 0;
}

if (import.meta.main) {
  await runCommand("config", main);
}
