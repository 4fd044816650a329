import { fileURLToPath } from "node:url";
import { createPool, type Pool } from "mariadb";
import { claimDirectory, claimTemporaryDirectory } from "#dev/stack/servers/directory.ts";
import { startMariadb } from "#dev/stack/servers/mariadb.ts";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { migrate } from "#kit/data/migrate.ts";

/** The migrated schema of a service on a MariaDB of its own, whose data stays only in a folder that is given. */
export async function openServiceDatabase(
  service: string,
  settings: Readonly<Record<string, string>> = {},
  poolSize = 16,
  kept?: string,
): Promise<{ database: Database; url: URL; close(): Promise<void> }> {
  const data = fileURLToPath(new URL("../.data", import.meta.url));
  const run = await (kept === undefined
    ? claimTemporaryDirectory(data, "bench")
    : claimDirectory(kept, `bench-${service}`));
  const block = await reservePorts({ base: 29_100, count: 1 });
  const mariadb = await startMariadb({ dir: run.dir, port: block.ports[0] ?? 0, log: () => {}, settings });
  const admin = await connectAdmin(mariadb.url);
  await admin.query(`CREATE DATABASE IF NOT EXISTS ${service}`);
  await admin.end();
  const url = new URL(`${mariadb.url}/${service}`);
  const database = createDatabase({ url: url.href, poolSize });
  await migrate(database, new URL(`../services/${service}/db/migrations/`, import.meta.url));
  return {
    database,
    url,
    async close() {
      await database.close();
      await mariadb.stop();
      await block.release();
      await run.release();
    },
  };
}

/** Connections of the driver alone to the database of a URL. */
export function openBarePool(url: URL, connectionLimit: number): Pool {
  return createPool({
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    password: url.password,
    database: url.pathname.slice(1),
    connectionLimit,
    bigIntAsNumber: false,
    initSql: "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
  });
}
