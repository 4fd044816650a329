import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { SequelizeStorage, Umzug } from "umzug";
import type { Database } from "#kit/data/database.ts";

/** Names the files that a schema has seen. */
export const migrationTable = "migration";

const kitMigrations = new URL("./migrations/", import.meta.url);

/**
 * Applies the SQL files of the kit and then those in `directory` that this schema has not seen, in the order of their
 * names. Several processes may run it at once. Returns the names of the files it applied.
 */
export async function migrate(database: Database, directory: URL): Promise<string[]> {
  const applied: string[] = [];
  await database.transaction(async tx => {
    const [lock] = await tx.query<{ taken: bigint | number | null }>(
      "SELECT GET_LOCK(CONCAT(DATABASE(), '.migrate'), 60) AS taken",
    );
    if (Number(lock?.taken) !== 1) {
      throw new Error("another migration of this schema has been running for a minute");
    }
    for (const folder of [kitMigrations, directory]) {
      const umzug = new Umzug({
        migrations: {
          glob: ["*.sql", { cwd: fileURLToPath(folder) }],
          resolve: ({ name, path }) => ({ name, up: () => runFile(database, path ?? "") }),
        },
        storage: new SequelizeStorage({ sequelize: database.sequelize, tableName: migrationTable }),
        logger: undefined,
      });
      const done = await umzug.up();
      applied.push(...done.map(({ name }) => name));
    }
    await tx.query("SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.migrate'))");
  });
  return applied;
}

/** The files that a schema has seen, and those that `migrate` would apply. */
export interface MigrationStatus {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
}

/** Reads which files a schema has seen. Changes nothing. */
export async function readMigrationStatus(database: Database, directory: URL): Promise<MigrationStatus> {
  const known = await database.query(
    "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?",
    [migrationTable],
  );
  const rows =
    known.length === 0 ? [] : await database.query<{ name: string }>(`SELECT name FROM ${migrationTable}`);
  const applied = new Set(rows.map(({ name }) => name));
  const files = [kitMigrations, directory].flatMap(folder =>
    globSync("*.sql", { cwd: fileURLToPath(folder) }).sort(),
  );
  return {
    applied: [...new Set([...files.filter(name => applied.has(name)), ...applied])],
    pending: files.filter(name => !applied.has(name)),
  };
}

const tables = new URL("./tables/", import.meta.url);

/**
 * Runs the statements of a file. `SOURCE name.sql` includes a table of the kit, which several services have in their
 * own schema.
 */
async function runFile(database: Database, path: string): Promise<void> {
  const text = await readFile(path, "utf8");
  for (const statement of text.split(/;\s*$/m).filter(part => part.trim() !== "")) {
    const source = /^SOURCE ([a-z-]+\.sql)$/.exec(statement.trim())?.[1];
    if (source === undefined) {
      await database.execute(statement);
    } else {
      await runFile(database, fileURLToPath(new URL(source, tables)));
    }
  }
}
