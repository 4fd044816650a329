import { parseArgs } from "node:util";
import { createDatabase, type Database } from "#kit/data/database.ts";
import type { Environment } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { namedServices, runCommand } from "./command-line.ts";
import { commandEnvironment } from "./environment.ts";
import { migrationConfig } from "./migrate.ts";

const usage = `npm run raise-ids -- [service...]

After databases were restored to an earlier point, before services start: raises the next number of every table that
counts by itself by a million. Numbers given out after that point are lost with their rows, but other services, files,
tokens and people may remember them; given out again, they would name something else. May be repeated.
Exits with 0 when done, 1 when something failed, 2 when called wrongly.
Reads <SERVICE>_MIGRATION_DATABASE_URL; without them it uses the local stack that is running.
`;

const raisedBy = 1_000_000n;

/** Raises the next number of every table of a schema. Returns one line per table. */
export async function raiseIds(service: string, env: Environment): Promise<string[]> {
  const { ownerUrl } = readConfig(env, migrationConfig(service));
  const owner = createDatabase({ url: ownerUrl, poolSize: 1 });
  try {
    const lines: string[] = [];
    for (const { name, next } of await findCounters(owner)) {
      await owner.execute(`ALTER TABLE \`${name}\` AUTO_INCREMENT = ${next + raisedBy}`);
      lines.push(`${service}.${name}: ${next + raisedBy}`);
    }
    return lines;
  } finally {
    await owner.close();
  }
}

async function findCounters(owner: Database): Promise<{ name: string; next: bigint }[]> {
  const rows = await owner.query<{ name: string; next: bigint | number }>(
    `SELECT table_name AS name, auto_increment AS next FROM information_schema.tables
      WHERE table_schema = DATABASE() AND auto_increment IS NOT NULL ORDER BY table_name`,
  );
  return rows.map(({ name, next }) => ({ name, next: BigInt(next) }));
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h", default: false } },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const services = namedServices(positionals);
  const env = await commandEnvironment(
    Object.fromEntries(services.map(name => [name, { ownerUrl: migrationConfig(name).ownerUrl }])),
  );
  for (const service of services) {
    for (const line of await raiseIds(service, env)) {
      process.stdout.write(`${line}\n`);
    }
  }
  return 0;
}

if (import.meta.main) {
  await runCommand("raise-ids", main);
}
