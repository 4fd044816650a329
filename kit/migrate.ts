import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { SequelizeStorage, Umzug } from "umzug";
import type { Database } from "#kit/database.ts";

/**
 * Applies the SQL files of the kit and then those in `directory` that this schema has not seen, in the order of their names. Several
 * processes may run it at once. Returns the names of the files it applied.
 */
export async function migrate(database: Database, directory: URL): Promise<string[]> {
  const folders = [new URL("./migrations/", import.meta.url), directory];
  const applied: string[] = [];
  await database.transaction(async tx => {
    await tx.query("SELECT GET_LOCK(CONCAT(DATABASE(), '.migrate'), 60)");
    for (const folder of folders) {
      const umzug = new Umzug({
        migrations: {
          glob: ["*.sql", { cwd: fileURLToPath(folder) }],
          resolve: ({ name, path }) => ({ name, up: () => runFile(database, path ?? "") }),
        },
        storage: new SequelizeStorage({ sequelize: database.sequelize, tableName: "migration" }),
        logger: undefined,
      });
      const done = await umzug.up();
      applied.push(...done.map(({ name }) => name));
    }
    await tx.query("SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.migrate'))");
  });
  return applied;
}

async function runFile(database: Database, path: string): Promise<void> {
  const text = await readFile(path, "utf8");
  for (const statement of text.split(/;\s*$/m).filter(part => part.trim() !== "")) {
    await database.execute(statement);
  }
}
