import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { MigrationError, Umzug } from "umzug";
import type { Database, Queryable, Tx } from "#kit/data/database.ts";

/** Names the files that a schema has seen. */
export const migrationTable = "migration";

const kitMigrations = new URL("./migrations/", import.meta.url);

/**
 * Applies the SQL files of the kit and then those in `directory` that this schema has not seen, in the order of their
 * names. Several processes may run it at once: everything runs on the connection that holds the lock. MariaDB commits
 * each change of a schema by itself, so each statement is recorded; a file that failed goes on after its last good one.
 * Returns the names of the files it applied.
 */
export function migrate(database: Database, directory: URL): Promise<string[]> {
  return database.transaction(async tx => {
    const [lock] = await tx.query<{ taken: bigint | number | null }>(
      "SELECT GET_LOCK(CONCAT(DATABASE(), '.migrate'), 60) AS taken",
    );
    if (Number(lock?.taken) !== 1) {
      throw new Error("another migration of this schema has been running for a minute");
    }
    try {
      await tx.execute(createTable);
      const applied: string[] = [];
      for (const folder of [kitMigrations, directory]) {
        const done = await umzugOf(tx, folder)
          .up()
          .catch((error: unknown) => {
            throw error instanceof MigrationError ? error.cause : error;
          });
        applied.push(...done.map(({ name }) => name));
      }
      return applied;
    } finally {
      await tx.query("SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.migrate'))").catch(() => {});
    }
  });
}

const createTable = `CREATE TABLE IF NOT EXISTS ${migrationTable} (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  statements INT UNSIGNED NOT NULL COMMENT 'that were run',
  checksum CHAR(64) CHARACTER SET ascii NOT NULL COMMENT 'of these statements',
  finish_time DATETIME(6) NULL
)`;

function umzugOf(tx: Tx, folder: URL): Umzug {
  return new Umzug({
    migrations: {
      glob: ["*.sql", { cwd: fileURLToPath(folder) }],
      resolve: ({ name, path }) => ({ name, up: () => runFile(tx, name, path ?? "") }),
    },
    storage: {
      executed: () => readFinished(tx),
      async logMigration({ name }) {
        await tx.execute(`UPDATE ${migrationTable} SET finish_time = NOW(6) WHERE name = ?`, [name]);
      },
      async unlogMigration() {},
    },
    logger: undefined,
  });
}

async function readFinished(from: Queryable): Promise<string[]> {
  const rows = await from.query<{ name: string }>(
    `SELECT name FROM ${migrationTable} WHERE finish_time IS NOT NULL`,
  );
  return rows.map(({ name }) => name);
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
  const applied = new Set(known.length === 0 ? [] : await readFinished(database));
  const files = [kitMigrations, directory].flatMap(folder =>
    globSync("*.sql", { cwd: fileURLToPath(folder) }).sort(),
  );
  return {
    applied: [...new Set([...files.filter(name => applied.has(name)), ...applied])],
    pending: files.filter(name => !applied.has(name)),
  };
}

/** Runs the statements of a file that have not been run before. */
async function runFile(tx: Tx, name: string, path: string): Promise<void> {
  const statements = await readStatements(path);
  const [known] = await tx.query<{ statements: number; checksum: string }>(
    `SELECT statements, checksum FROM ${migrationTable} WHERE name = ?`,
    [name],
  );
  const done = known?.statements ?? 0;
  if (known !== undefined && checksumOf(statements.slice(0, done)) !== known.checksum) {
    throw new Error(`the first ${done} statements of ${name} have run, and were changed after that`);
  }
  for (const [index, statement] of statements.entries()) {
    if (index >= done) {
      await tx.execute(statement).catch((cause: unknown) => {
        throw failedAt(name, index + 1, statement, cause);
      });
      const checksum = checksumOf(statements.slice(0, index + 1));
      await tx.execute(
        `INSERT INTO ${migrationTable} (name, statements, checksum) VALUES (?, ?, ?)
          ON DUPLICATE KEY UPDATE statements = VALUES(statements), checksum = VALUES(checksum)`,
        [name, index + 1, checksum],
      );
    }
  }
}

function failedAt(name: string, number: number, statement: string, cause: unknown): Error {
  const [firstLine] = statement.trim().split("\n");
  return new Error(
    `statement ${number} of ${name} failed (${firstLine}); those before it have run. ` +
      "Repair it and run the command again",
    { cause },
  );
}

function checksumOf(statements: readonly string[]): string {
  return createHash("sha256").update(statements.join(";")).digest("hex");
}

const tables = new URL("./tables/", import.meta.url);

/**
 * The statements of a file. `SOURCE name.sql` includes a table of the kit, which several services have in their own
 * schema.
 */
async function readStatements(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8");
  const parts = text.split(/;\s*$/m).filter(part => part.trim() !== "");
  const nested = parts.map(statement => {
    const source = /^SOURCE ([a-z-]+\.sql)$/.exec(statement.trim())?.[1];
    return source === undefined ? [statement] : readStatements(fileURLToPath(new URL(source, tables)));
  });
  return (await Promise.all(nested)).flat();
}
