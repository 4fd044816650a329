import { v7 as uuidv7 } from "uuid";
import type { Database } from "#kit/data/database.ts";
import { listEntries, post } from "#services/point/db/ledger.ts";
import { listStatement } from "#services/point/db/statements.ts";
import { boundsOfMonth } from "#services/point/domain/korean-time.ts";
import { costOf } from "#test/support/data/rows-read.ts";
import { openServiceDatabase } from "./open-database.ts";
import { printRow, timeOf } from "./report.ts";

// What a year's rows cost: changes of points and pages of the ledger where it has ten million entries, a tenth of them
// of one user, against a ledger that is empty but for what this benchmark writes. `-- growth 100000` is the short form.
const total = Number(process.argv[3] ?? 10_000_000);
const chunk = 500_000;
const shown = 20;
const changes = 200;
const heavyUser = 5n;

const empty = await openServiceDatabase("point");
const grown = await openServiceDatabase("point", { innodb_buffer_pool_size: "2G" });

async function addWallets({ database }: { database: Database }): Promise<void> {
  await database.execute(
    `INSERT INTO wallet (user_id, paid_points)
      SELECT seq, 10000000 FROM seq_1_to_1000`,
  );
}

async function load({ database }: { database: Database }): Promise<void> {
  for (let from = 1; from <= total; from += chunk) {
    const to = Math.min(from + chunk - 1, total);
    await database.execute(
      `INSERT INTO ledger_entry (type, reference, account, counter_account, user_id, delta_points, create_time)
        SELECT 'CHARGE', LPAD(seq, 36, '0'), 'PAID', 'PSP_CLEARING', IF(seq % 10 = 0, ${heavyUser}, 10 + seq % 900),
          1, NOW(6) - INTERVAL (${total} - seq) * ${Math.floor(31_536_000_000_000 / total)} MICROSECOND
        FROM seq_${from}_to_${to}`,
    );
    process.stderr.write(`loaded ${to} of ${total} entries\n`);
  }
  await database.query("ANALYZE TABLE ledger_entry");
}

function change({ database }: { database: Database }, userId: bigint): Promise<unknown> {
  return database.transaction(async tx => {
    const transfers = [{ from: "PAID", to: "HELD", amountPoints: 1n }] as const;
    if (!(await post(tx, { type: "HOLD", reference: uuidv7(), userId, transfers }))) {
      throw new Error("too few points");
    }
  });
}

/** Where the page at 90 % begins. */
async function deepKeys({ database }: { database: Database }): Promise<readonly string[] | undefined> {
  const [row] = await database.query<{ time: string; entryId: bigint }>(
    `SELECT CAST(create_time AS CHAR) AS time, entry_id FROM ledger_entry
      WHERE user_id = ? ORDER BY create_time DESC, entry_id DESC LIMIT 1 OFFSET ?`,
    [heavyUser, Math.floor((total / 10) * 0.9)],
  );
  return row && [row.time, String(row.entryId)];
}

async function measure(
  name: string,
  times: number,
  run: (on: typeof empty) => Promise<unknown>,
): Promise<void> {
  const [before, after] = [await timeOf(() => run(empty), times), await timeOf(() => run(grown), times)];
  printRow([name, `${before} ms, ${after} ms`, (after / before).toFixed(2)]);
}

try {
  await Promise.all([addWallets(empty), addWallets(grown)]);
  await load(grown);
  for (let warm = 0; warm < changes; warm++) {
    await Promise.all([change(empty, heavyUser), change(grown, heavyUser)]);
  }
  printRow(["", "empty, grown", "ratio", "rows read"]);
  await measure("a change of points", changes, on => change(on, heavyUser));
  const page = { after: undefined, limit: shown };
  await measure("first page of the ledger", 50, ({ database }) => listEntries(database, heavyUser, page));
  const month = boundsOfMonth(new Date(Date.now() + 32_400_000).toISOString().slice(0, 7));
  await measure("first page of a statement", 50, ({ database }) =>
    listStatement(database, heavyUser, month, page),
  );
  const after = await deepKeys(grown);
  const deep = () => listEntries(grown.database, heavyUser, { after, limit: shown });
  const read = await costOf(grown.database, tx => listEntries(tx, heavyUser, { after, limit: shown }));
  printRow(["page of the ledger at 90 %", `${await timeOf(deep, 50)} ms`, "", read]);
} finally {
  await empty.close();
  await grown.close();
}
