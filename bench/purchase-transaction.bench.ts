import { DataTypes } from "sequelize";
import { v7 as uuidv7 } from "uuid";
import { createDatabase } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { insert, insertAll, insertDeferred } from "#kit/data/sql.ts";
import { compare } from "./compare.ts";
import { openBarePool, openServiceDatabase } from "./open-database.ts";

// A purchase in one transaction: order, two lines, ledger, balance, outbox row; 16 at once, of 10,000 users. The same
// statements by the bare driver; by the pool of kit/data with its inserts by key, each waited for; by that pool, which
// sends together what does not need an answer; and by Sequelize models.
const users = 10_000;
const calls = 1500;
const parallel = 16;

const { database, url: server, close } = await openServiceDatabase("pay");

const bare = openBarePool(server, parallel);
const pool = createDatabase({ url: server.href, poolSize: parallel });

const schema = [
  `CREATE TABLE bench_order (order_id CHAR(36) PRIMARY KEY, user_id BIGINT NOT NULL, amount BIGINT NOT NULL,
    KEY (user_id))`,
  `CREATE TABLE bench_line (order_id CHAR(36), line_number INT, question_id BIGINT NOT NULL,
    title VARCHAR(100) NOT NULL, PRIMARY KEY (order_id, line_number))`,
  `CREATE TABLE bench_entry (entry_id BIGINT AUTO_INCREMENT PRIMARY KEY, order_id CHAR(36) NOT NULL, user_id BIGINT,
    delta BIGINT NOT NULL)`,
  "CREATE TABLE bench_wallet (user_id BIGINT PRIMARY KEY, points BIGINT NOT NULL)",
  `INSERT INTO bench_wallet SELECT seq, 1000000000 FROM seq_0_to_${users - 1}`,
];

interface Order {
  readonly orderId: string;
  readonly userId: number;
}

const body = JSON.stringify({
  lines: [{ title: "수열의 극한" }, { title: "삼각함수" }],
  text: "x".repeat(300),
});
const linesOf = ({ orderId }: Order) =>
  [1, 2].map(lineNumber => ({ orderId, lineNumber, questionId: lineNumber, title: "수열의 극한" }));
const entriesOf = ({ orderId, userId }: Order) => [
  { orderId, userId, delta: -10 },
  { orderId, userId: null, delta: 10 },
];
const eventOf = () => ({ eventId: uuidv7(), topic: "bench", type: "bench", body });
const spend = "UPDATE bench_wallet SET points = points - 10 WHERE user_id = ? AND points >= 10";

async function inParallel(buy: (order: Order) => Promise<unknown>): Promise<number> {
  let left = calls;
  const worker = async () => {
    while (left-- > 0) {
      await buy({ orderId: uuidv7(), userId: Math.floor(Math.random() * users) });
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return calls;
}

async function byDriver(order: Order): Promise<void> {
  const connection = await bare.getConnection();
  const [entry, counter] = entriesOf(order);
  const { eventId, topic, type } = eventOf();
  try {
    await connection.query("START TRANSACTION");
    const { orderId, userId } = order;
    await connection.query("INSERT INTO bench_order (order_id, user_id, amount) VALUES (?, ?, ?)", [
      orderId,
      userId,
      10,
    ]);
    await connection.query(
      "INSERT INTO bench_line (order_id, line_number, question_id, title) VALUES (?, ?, ?, ?), (?, ?, ?, ?)",
      linesOf(order).flatMap(line => Object.values(line)),
    );
    await connection.query("INSERT INTO bench_entry (order_id, user_id, delta) VALUES (?, ?, ?), (?, ?, ?)", [
      ...Object.values(entry ?? {}),
      ...Object.values(counter ?? {}),
    ]);
    await connection.query(spend, [userId]);
    await connection.query("INSERT INTO outbox (event_id, topic, type, body) VALUES (?, ?, ?, ?)", [
      ...[eventId, topic, type, body],
    ]);
    await connection.query("COMMIT");
  } finally {
    await connection.release();
  }
}

function byKit(order: Order): Promise<unknown> {
  return pool.transaction(async tx => {
    await insert(tx, "bench_order", { ...order, amount: 10 });
    await insertAll(tx, "bench_line", linesOf(order));
    await insertAll(tx, "bench_entry", entriesOf(order));
    await tx.execute(spend, [order.userId]);
    await insert(tx, "outbox", eventOf());
  });
}

function byDeferred(order: Order): Promise<unknown> {
  return pool.transaction(async tx => {
    await insertDeferred(tx, "bench_order", { ...order, amount: 10 });
    await insertAll(tx.deferred, "bench_line", linesOf(order));
    await insertAll(tx.deferred, "bench_entry", entriesOf(order));
    await insertDeferred(tx, "outbox", eventOf());
    await tx.executeLast(spend, [order.userId], 1);
  });
}

// Sequelize writes into what it is given.
const text = () => ({ type: DataTypes.STRING });
const number = () => ({ type: DataTypes.BIGINT });
const key = { primaryKey: true };
const orders = table<Order & { amount: number }>("bench_order", {
  orderId: { ...text(), ...key },
  userId: number(),
  amount: number(),
});
const lines = table<ReturnType<typeof linesOf>[number]>("bench_line", {
  orderId: { ...text(), ...key },
  lineNumber: { ...number(), ...key },
  questionId: number(),
  title: text(),
});
const ledger = table<ReturnType<typeof entriesOf>[number] & { entryId: bigint }>("bench_entry", {
  entryId: { ...number(), ...key, autoIncrement: true },
  orderId: text(),
  userId: number(),
  delta: number(),
});
const wallets = table<{ userId: number; points: number }>("bench_wallet", {
  userId: { ...number(), ...key },
  points: number(),
});
const outbox = table<ReturnType<typeof eventOf> & { outboxId: bigint }>("outbox", {
  outboxId: { ...number(), ...key, autoIncrement: true },
  ...{ eventId: text(), topic: text(), type: text(), body: text() },
});

function byModels(order: Order): Promise<unknown> {
  return pool.transaction(async tx => {
    await orders(tx).insert({ ...order, amount: 10 });
    for (const line of linesOf(order)) {
      await lines(tx).insert(line);
    }
    for (const entry of entriesOf(order)) {
      await ledger(tx).insert(entry);
    }
    const [wallet] = await wallets(tx).list({ where: { userId: order.userId } });
    await wallets(tx).update({ points: Number(wallet?.points) - 10 }, { userId: order.userId });
    await outbox(tx).insert(eventOf());
  });
}

try {
  for (const statement of schema) {
    await database.execute(statement);
  }
  await compare("purchases", [
    { name: "bare driver", run: () => inParallel(byDriver) },
    { name: "kit/data, one by one", run: () => inParallel(byKit) },
    { name: "kit/data, deferred", run: () => inParallel(byDeferred) },
    { name: "Sequelize models", run: () => inParallel(byModels) },
  ]);
} finally {
  await bare.end();
  await pool.close();
  await close();
}
