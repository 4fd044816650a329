import { parseArgs } from "node:util";
import { z } from "zod";
import { type Environment, readConfig } from "#kit/config.ts";
import { createDatabase } from "#kit/database.ts";
import { migrate } from "#kit/migrate.ts";
import { type ServiceName, serviceNames } from "./services.ts";

/** Brings the schema of one service to the state its code needs. Returns the names of the files it applied. */
export async function migrateService(name: ServiceName, env: Environment): Promise<string[]> {
  const variable = `${name.toUpperCase()}_DATABASE_URL`;
  const url = readConfig(env, { [variable]: z.string() })[variable] ?? "";
  const database = createDatabase({ url, poolSize: 3 });
  try {
    return await migrate(database, new URL(`../services/${name}/store/migrations/`, import.meta.url));
  } finally {
    await database.close();
  }
}

const usage = `npm run migrate -- [service...]

Brings the schemas of the named services, or of all, to the state their code needs. Run it before a rollout.
Reads <SERVICE>_DATABASE_URL. Services: ${serviceNames.join(", ")}.
`;

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" } },
  });
  const unknown = positionals.filter(name => !serviceNames.includes(name as ServiceName));
  if (values.help || unknown.length > 0) {
    process.stderr.write(unknown.length > 0 ? `no such service: ${unknown.join(", ")}\n\n${usage}` : usage);
    process.exit(unknown.length > 0 ? 2 : 0);
  }
  for (const name of positionals.length > 0 ? (positionals as ServiceName[]) : serviceNames) {
    const applied = await migrateService(name, process.env);
    process.stdout.write(`${name}: ${applied.length === 0 ? "up to date" : applied.join(", ")}\n`);
  }
}
