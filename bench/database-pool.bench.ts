import { rmSync } from "node:fs";
import { join } from "node:path";
import { QueryTypes } from "sequelize";
import { claimTemporaryDirectory } from "#dev/stack/servers/directory.ts";
import { startMariadb } from "#dev/stack/servers/mariadb.ts";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { createDatabase } from "#kit/data/database.ts";
import { compare } from "./compare.ts";
import { openBarePool } from "./open-database.ts";

// What the pool of kit/data/database.ts costs over the bare driver, and what going through Sequelize's public query
// interface would cost.
const run = await claimTemporaryDirectory(join(import.meta.dirname, "../.data"), "bench");
const block = await reservePorts({ base: 29_100, count: 1 });
const mariadb = await startMariadb({ dir: run.dir, port: block.ports[0] ?? 0, log: () => {} });
const admin = await connectAdmin(mariadb.url);
await admin.query("CREATE DATABASE bench");
await admin.query("CREATE TABLE bench.item (item_id BIGINT PRIMARY KEY, title VARCHAR(50), points BIGINT)");
await admin.batch(
  "INSERT INTO bench.item VALUES (?, ?, ?)",
  Array.from({ length: 1000 }, (_, id) => [id, `item ${id}`, id * 10]),
);
await admin.end();

const url = new URL(`${mariadb.url}/bench`);
const database = createDatabase({ url: url.href, poolSize: 16 });
const bare = openBarePool(url, 16);

const calls = 4000;
const parallel = 16;
const sql = "SELECT item_id, title, points FROM item WHERE item_id = ?";

async function inParallel(work: (id: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const worker = async () => {
    for (let id = next++; id < calls; id = next++) {
      await work(id % 1000);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return calls;
}

try {
  await compare("reads", [
    { name: "bare driver", run: () => inParallel(id => bare.query(sql, [id])) },
    { name: "kit/data/database.ts", run: () => inParallel(id => database.query(sql, [id])) },
    {
      name: "sequelize.query",
      run: () =>
        inParallel(id => database.sequelize.query(sql, { replacements: [id], type: QueryTypes.SELECT })),
    },
  ]);
} finally {
  await database.close();
  await bare.end();
  await mariadb.stop();
  await block.release();
  rmSync(run.dir, { recursive: true, force: true });
}
