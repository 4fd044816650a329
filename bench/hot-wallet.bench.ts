import { v7 as uuidv7 } from "uuid";
import { post } from "#services/point/db/ledger.ts";
import { boundsOfMonth, koreanMonthOf } from "#services/point/domain/korean-time.ts";
import { compare } from "./compare.ts";
import { openBarePool, openServiceDatabase } from "./open-database.ts";

// 64 purchases at once that hold points of one user. The usual way locks the wallet, decides, and writes: the same
// rows by the bare driver. `post` writes the ledger first and changes the wallet last, on
// condition, in the statement that commits.
const userId = 5n;
const calls = 1500;
const parallel = 64;

const { database, url: server, close } = await openServiceDatabase("point");

const bare = openBarePool(server, 16);

async function inParallel(work: () => Promise<void>): Promise<number> {
  let left = calls;
  const worker = async () => {
    while (left-- > 0) {
      await work();
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return calls;
}

const entries = `INSERT INTO ledger_entry (type, reference, account, counter_account, delta_points, user_id)
  VALUES ('HOLD', ?, 'PAID', 'HELD', -1, ?), ('HOLD', ?, 'HELD', 'PAID', 1, ?)`;

async function lockFirst(): Promise<void> {
  const connection = await bare.getConnection();
  try {
    const reference = uuidv7();
    await connection.query("START TRANSACTION");
    const [wallet] = await connection.query("SELECT * FROM wallet WHERE user_id = ? FOR UPDATE", [userId]);
    if (wallet.paid_points < 1n) {
      throw new Error("too few points");
    }
    await connection.query(entries, [reference, userId, reference, userId]);
    await connection.query(
      "UPDATE wallet SET paid_points = paid_points - 1, held_points = held_points + 1 WHERE user_id = ?",
      [userId],
    );
    await connection.query(
      "UPDATE outstanding_points SET paid_points = paid_points - 1, held_points = held_points + 1 WHERE slice = ?",
      [userId % 16n],
    );
    await connection.query("COMMIT");
  } finally {
    await connection.release();
  }
}

function ledgerFirst(): Promise<void> {
  return database.transaction(async tx => {
    const transfers = [{ from: "PAID", to: "HELD", amountPoints: 1n }] as const;
    if (!(await post(tx, { type: "HOLD", reference: uuidv7(), userId, transfers }, { isLast: true }))) {
      throw new Error("too few points");
    }
  });
}

try {
  const { start } = boundsOfMonth(koreanMonthOf(Date.now()));
  await database.execute("INSERT INTO wallet (user_id, paid_points, month_start) VALUES (?, 50000000, ?)", [
    userId,
    start,
  ]);
  await compare("holds", [
    { name: "SELECT FOR UPDATE, bare driver", run: () => inParallel(lockFirst) },
    { name: "post of services/point", run: () => inParallel(ledgerFirst) },
  ]);
  const [sides] = await database.query<{ held: bigint; entries: string }>(
    `SELECT held_points AS held, (SELECT SUM(delta_points) FROM ledger_entry WHERE account = 'HELD') AS entries
      FROM wallet WHERE user_id = ?`,
    [userId],
  );
  process.stdout.write(`held ${sides?.held}, by the ledger ${sides?.entries}\n`);
} finally {
  await bare.end();
  await close();
}
