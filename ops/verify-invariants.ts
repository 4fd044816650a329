import { parseArgs } from "node:util";
import { serviceNames } from "#kit/contract/contracts.ts";
import type { Invariant } from "#kit/data/invariants.ts";
import type { Environment } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { namedServices, runCommand, UsageError, untilInterrupted } from "./command-line.ts";
import { databaseConfig, openDatabases } from "./databases.ts";
import { commandEnvironment } from "./environment.ts";
import { chargeJoin } from "./invariants/charges.ts";
import { creatorJoin } from "./invariants/creators.ts";
import { eventJoin } from "./invariants/events.ts";
import { historyJoin } from "./invariants/history.ts";
import type { Join, JoinOptions } from "./invariants/join.ts";
import { purchaseJoin } from "./invariants/purchases.ts";
import { questionJoin } from "./invariants/questions.ts";
import { ratingJoin } from "./invariants/ratings.ts";
import { type Finding, serveFindings } from "./invariants/serve-findings.ts";
import { statisticsJoin } from "./invariants/statistics.ts";
import { subscriberJoin } from "./invariants/subscribers.ts";

const joins = [
  purchaseJoin,
  eventJoin,
  chargeJoin,
  ratingJoin,
  statisticsJoin,
  subscriberJoin,
  historyJoin,
  creatorJoin,
  questionJoin,
];

const maxViolations = 100;

/** Checks the invariants of services, and those between them. Changes nothing. */
export async function verifyInvariants(
  env: Environment,
  options: JoinOptions,
  services: readonly string[] = serviceNames,
): Promise<Finding[]> {
  readConfig(env, invariantsConfig(services));
  const databases = openDatabases(env, services);
  try {
    const findings: Finding[] = [];
    for (const service of services) {
      for (const { name, check } of await invariantsOf(service)) {
        findings.push(await collect(`${name} in ${service}`, check(databases.of(service), options)));
      }
    }
    for (const { name, check } of joinsOf(services)) {
      findings.push(await collect(name, check({ databases, env }, options)));
    }
    return findings.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  } finally {
    await databases.close();
  }
}

/** The variables of the checks of these services. */
export function invariantsConfig(services: readonly string[]) {
  const others = joinsOf(services).map(({ name, config }) => [name, config] as const);
  return { databases: databaseConfig(services), others: Object.fromEntries(others) };
}

function joinsOf(services: readonly string[]): readonly Join[] {
  return joins.filter(join => join.services.every(service => services.includes(service)));
}

async function invariantsOf(service: string): Promise<readonly Invariant[]> {
  const { invariants } = await import(`../services/${service}/invariants.ts`);
  return invariants;
}

async function collect(name: string, lines: AsyncIterable<string>): Promise<Finding> {
  const violations: string[] = [];
  for await (const line of lines) {
    violations.push(line);
    if (violations.length === maxViolations) {
      break;
    }
  }
  return { name, violations };
}

const usage = `npm run verify-invariants -- [service...] [--grace-seconds N] [--psp-days N]
npm run verify-invariants -- --listen HOST:PORT [--every-seconds N]

Checks what must always hold over the rows of the named services, or of all, and between them. Changes nothing.
Exits with 0 when everything holds, 1 when something is violated, 2 when called wrongly.

  --grace-seconds N  leaves out what is younger than N seconds and may still be in flight (900)
  --psp-days N       compares the last N days with the records of the PSP (7)
  --listen HOST:PORT does it again and again, and shows on /metrics what was found
  --every-seconds N  how long it waits in between (3600)

Reads the <SERVICE>_DATABASE_URL of each service, PAY_MONGODB_URI and POINT_TOSS_*; without them it uses the local stack
that is running.
Services: ${serviceNames.join(", ")}.
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "grace-seconds": { type: "string", default: "900" },
      "psp-days": { type: "string", default: "7" },
      listen: { type: "string" },
      "every-seconds": { type: "string", default: "3600" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const services = namedServices(positionals);
  const options = {
    graceSeconds: count("--grace-seconds", values["grace-seconds"], 0),
    pspDays: count("--psp-days", values["psp-days"], 1),
  };
  const env = await commandEnvironment(invariantsConfig(services));
  const verify = () => verifyInvariants(env, options, services);
  if (values.listen !== undefined) {
    const everySeconds = count("--every-seconds", values["every-seconds"], 1);
    const log = (line: string) => process.stdout.write(`${line}\n`);
    const signal = untilInterrupted();
    await serveFindings({ ...addressOf(values.listen), everySeconds, verify, log, signal });
    return 0;
  }
  const findings = await verify();
  for (const { name, violations } of findings) {
    process.stdout.write(`${violations.length === 0 ? "ok      " : "VIOLATED"} ${name}\n`);
    process.stdout.write(violations.map(violation => `           ${violation}\n`).join(""));
  }
  return findings.some(({ violations }) => violations.length > 0) ? 1 : 0;
}

function addressOf(text: string): { host: string; port: number } {
  const [, host = "", port = ""] = /^(.+):(\d+)$/.exec(text) ?? [];
  if (host === "" || Number(port) > 65_535) {
    throw new UsageError("--listen must be a host and a port, such as 127.0.0.1:9002");
  }
  return { host, port: Number(port) };
}

function count(option: string, text: string, min: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min) {
    throw new UsageError(`${option} must be a whole number from ${min}`);
  }
  return value;
}

if (import.meta.main) {
  await runCommand("verify-invariants", main);
}
