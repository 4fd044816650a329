import type { Database } from "#kit/data/database.ts";
import { loadRows } from "#test/support/data/load-rows.ts";
import { median } from "./compare.ts";
import { points } from "./growth/of-points.ts";
import { purchases } from "./growth/of-purchases.ts";
import { type Growth, type Load, type Work, warmUps } from "./growth/work.ts";
import { openServiceDatabase } from "./open-database.ts";
import { printRow } from "./report.ts";

// What a year's rows cost: the same work in a shop that is empty but for what this benchmark writes, and in one with
// ten million ledger entries, three million purchases and a million events, a tenth of all of one user; in turns.
// `-- growth 100000` has a hundredth of them; `-- growth 10000000 <folder>` keeps the rows there for the next run.
const [entries = "10000000", kept] = process.argv.slice(3);
const chunk = 500_000;
const settings = { innodb_buffer_pool_size: "2G", innodb_log_file_size: "1G" };

async function load(database: Database, loads: readonly Load[]): Promise<void> {
  for (const { rows, ...table } of loads) {
    const [some] = await database.query(`SELECT 1 FROM ${table.table} LIMIT 1`);
    for (let first = 1; some === undefined && first <= rows; first += chunk) {
      await loadRows(database, Math.min(chunk, rows - first + 1), table, first);
      process.stderr.write(`${table.table}: ${Math.min(first + chunk - 1, rows)} of ${rows}\n`);
    }
  }
}

/** Medians in milliseconds. */
async function timesOf(databases: readonly Database[], { times, run }: Work): Promise<number[]> {
  const taken = databases.map((): number[] => []);
  for (let round = -warmUps; round < times; round++) {
    for (const [index, database] of databases.entries()) {
      const startMs = performance.now();
      await run(database);
      taken[index]?.push(...(round < 0 ? [] : [performance.now() - startMs]));
    }
  }
  return taken.map(median);
}

async function compareShops({ service, loads, prepare, works }: Growth): Promise<void> {
  const empty = await openServiceDatabase(service, settings);
  const grown = await openServiceDatabase(service, settings, 16, kept);
  const databases = [empty.database, grown.database];
  try {
    await load(grown.database, loads);
    await Promise.all(databases.map(prepare));
    for (const work of works) {
      const [before = 0, after = 0] = await timesOf(databases, work);
      printRow([work.name, `${before.toFixed(2)} ms, ${after.toFixed(2)} ms`, (after / before).toFixed(2)]);
    }
  } finally {
    await empty.close();
    await grown.close();
  }
}

printRow(["", "empty, grown", "ratio"]);
for (const growth of [points(Number(entries)), purchases(Number(entries))]) {
  await compareShops(growth);
}
