import { parseArgs } from "node:util";
import { serviceNames } from "#kit/contract/contracts.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { type MigrationStatus, migrate, readMigrationStatus } from "#kit/data/migrate.ts";
import { grantStatements } from "#kit/data/rights.ts";
import { type Environment, url } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";
import { config as payConfig } from "#services/pay/config.ts";
import { migrateHistory } from "#services/pay/db/history.ts";
import { namedServices, runCommand, UsageError } from "./command-line.ts";
import { commandEnvironment } from "./environment.ts";

/** The variables for the migration of a schema: its owner's URL, and the database user of the service. */
export function migrationConfig(service: string) {
  return {
    ownerUrl: url(`${service.toUpperCase()}_MIGRATION_DATABASE_URL`, { schemes: ["mariadb"], secret: true }),
    database: runtimeConfig(service).database,
    ...(service === "pay" ? { mongo: payConfig.mongo } : {}),
  };
}

/**
 * Brings the stores of one service to the state its code needs, and grants its user the rights on them. Returns the
 * names of the files it applied.
 */
export async function migrateService(service: string, env: Environment): Promise<string[]> {
  const { mongo } = readConfig(env, migrationConfig(service));
  const applied = await asOwner(service, env, async (owner, user) => {
    const files = await migrate(owner, migrationsOf(service));
    await grant(owner, user);
    return files;
  });
  if (mongo !== undefined) {
    await migrateHistory(mongo.uri);
  }
  return applied;
}

async function grant(owner: Database, user: string): Promise<void> {
  try {
    for (const statement of await grantStatements(owner, user)) {
      await owner.execute(statement);
    }
  } catch (cause) {
    throw new Error(`the rights of ${user} could not be granted; --grants prints them for an administrator`, {
      cause,
    });
  }
}

async function asOwner<T>(
  service: string,
  env: Environment,
  work: (owner: Database, user: string) => Promise<T>,
): Promise<T> {
  const { ownerUrl, database } = readConfig(env, migrationConfig(service));
  const owner = createDatabase({ url: ownerUrl, poolSize: 3 });
  try {
    return await work(owner, decodeURIComponent(new URL(database.url).username));
  } finally {
    await owner.close();
  }
}

function migrationsOf(service: string): URL {
  return new URL(`../services/${service}/db/migrations/`, import.meta.url);
}

function readStatus(service: string, env: Environment): Promise<MigrationStatus> {
  return asOwner(service, env, owner => readMigrationStatus(owner, migrationsOf(service)));
}

/** The output of each mode of the command for one service. */
const modes: Readonly<Record<string, (service: string, env: Environment) => Promise<string>>> = {
  async apply(service, env) {
    const applied = await migrateService(service, env);
    return `${service}: ${applied.length === 0 ? "up to date" : applied.join(", ")}`;
  },
  async status(service, env) {
    const { applied, pending } = await readStatus(service, env);
    return [...applied.map(name => `applied  ${name}`), ...pending.map(name => `pending  ${name}`)]
      .map(line => `${service}: ${line}`)
      .join("\n");
  },
  async "dry-run"(service, env) {
    const { pending } = await readStatus(service, env);
    return `${service}: ${pending.length === 0 ? "up to date" : `would apply ${pending.join(", ")}`}`;
  },
  async grants(service, env) {
    const statements = await asOwner(service, env, grantStatements);
    return statements.map(statement => `${statement};`).join("\n");
  },
};

const usage = `npm run migrate -- [service...] [--status | --dry-run | --grants]

Brings the schemas of the named services, or of all, to the state their code needs, and gives the user of each service
the rights that its code uses: no DDL, and only SELECT and INSERT where a table is append-only. Run it before a rollout.

  --status   which files are applied, and which are pending
  --dry-run  which files it would apply
  --grants   prints the rights as statements, for an administrator where the owner of a schema may not grant

Reads <SERVICE>_MIGRATION_DATABASE_URL (the owner of the schema, with GRANT OPTION), <SERVICE>_DATABASE_URL (the name of
the user) and PAY_MONGODB_URI; without them it uses the local stack that is running.
Services: ${serviceNames.join(", ")}.
`;

async function main(): Promise<number> {
  const flag = { type: "boolean", default: false } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { status: flag, "dry-run": flag, grants: flag, help: { ...flag, short: "h" } },
  });
  const chosen = (["status", "dry-run", "grants"] as const).filter(name => values[name]);
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const services = namedServices(positionals);
  if (chosen.length > 1) {
    throw new UsageError(`--${chosen.join(" and --")} exclude each other`);
  }
  const schema = Object.fromEntries(services.map(name => [name, migrationConfig(name)]));
  const env = await commandEnvironment(schema);
  readConfig(env, schema);
  for (const service of services) {
    process.stdout.write(`${await modes[chosen[0] ?? "apply"]?.(service, env)}\n`);
  }
  return 0;
}

if (import.meta.main) {
  await runCommand("migrate", main);
}
