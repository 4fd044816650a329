import { createDatabase, type Database } from "#kit/data/database.ts";
import type { ConfigSchema, Environment } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";

/** The schemas of several services. */
export interface Databases {
  readonly services: readonly string[];
  /** Runs `work` on the schema of a service; an error names the service. */
  use<T>(service: string, work: (database: Database) => Promise<T>): Promise<T>;
  of(service: string): Database;
  close(): Promise<void>;
}

/** The variables that say where the schemas of services are, by service; the services read the same. */
export function databaseConfig(services: readonly string[]) {
  return Object.fromEntries(
    services.map(name => [name, runtimeConfig(name).database]),
  ) satisfies ConfigSchema;
}

const poolSize = 2;

/** Opens the schemas of services. */
export function openDatabases(env: Environment, services: readonly string[]): Databases {
  const config = readConfig(env, databaseConfig(services));
  const databases = new Map(
    Object.entries(config).map(([name, { url }]) => [name, createDatabase({ url, poolSize })]),
  );
  const of = (service: string) => {
    const database = databases.get(service);
    if (database === undefined) {
      throw new Error(`the schema of ${service} is not open`);
    }
    return database;
  };
  return {
    services,
    of,
    async use(service, work) {
      try {
        return await work(of(service));
      } catch (error) {
        throw new Error(`the schema of ${service} could not be used`, { cause: error });
      }
    },
    async close() {
      await Promise.all([...databases.values()].map(database => database.close()));
    },
  };
}
