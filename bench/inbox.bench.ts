import { setTimeout as delay } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { createPool, type PoolConnection } from "mariadb";
import { v7 as uuidv7 } from "uuid";
import { PurchaseCancelledSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { consume } from "#kit/events/consume.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { compare } from "./compare.ts";
import { openServiceDatabase } from "./open-database.ts";

// 3,000 events, each delivered twice, to 32 workers: SELECT FOR UPDATE and INSERT under REPEATABLE READ by the bare
// driver, repeated 10 to 40 ms after a deadlock; and as the services insert inbox rows, a hundred deliveries at a time.
const keys = 3000;
const workers = 32;
const batch = 100;
const consumer = "point-on-purchase-cancelled";

const { database, url, close } = await openServiceDatabase("point", {}, workers);
const bare = createPool({
  host: url.hostname,
  port: Number(url.port),
  user: url.username,
  password: url.password,
  database: "point",
  connectionLimit: workers,
  initSql: "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
});
const subscription = subscribe(PurchaseCancelledSchema, async () => {});
const event = create(PurchaseCancelledSchema);

/** Event ids as the outbox makes them, each twice: the second soon after the first, as after a relay that died. */
function deliveries(): string[] {
  return Array.from({ length: keys }, () => uuidv7())
    .flatMap((id, place) => [[place, id] as const, [place + Math.random() * 10 * workers, id] as const])
    .sort(([one], [other]) => one - other)
    .map(([, id]) => id);
}

async function byWorkers(
  size: number,
  handle: (eventIds: readonly string[]) => Promise<unknown>,
): Promise<number> {
  const waiting = deliveries();
  const worker = async () => {
    while (waiting.length > 0) {
      await handle(waiting.splice(0, size));
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return 2 * keys;
}

async function selectThenInsert([eventId = ""]: readonly string[]): Promise<void> {
  const connection = await bare.getConnection();
  try {
    while (!(await tryOnce(connection, eventId))) {
      await delay(10 + Math.random() * 30);
    }
  } finally {
    await connection.release();
  }
}

async function tryOnce(connection: PoolConnection, eventId: string): Promise<boolean> {
  await connection.beginTransaction();
  try {
    const known = await connection.query(
      "SELECT event_id FROM inbox WHERE event_id = ? AND consumer = ? FOR UPDATE",
      [eventId, consumer],
    );
    if (known.length === 0) {
      await connection.query("INSERT INTO inbox (event_id, consumer) VALUES (?, ?)", [eventId, consumer]);
    }
    await connection.commit();
    return true;
  } catch (error) {
    await connection.rollback();
    if ((error as { errno?: number }).errno === 1213) {
      return false;
    }
    throw error;
  }
}

const consumeBatch = (eventIds: readonly string[]) =>
  consume(
    subscription,
    consumer,
    eventIds.map(eventId => ({ eventId, event, inTrace: work => work() })),
    database,
  );

async function deadlocksOfServer(): Promise<number> {
  const [row] = await database.query<{ count: bigint }>(
    "SELECT variable_value AS count FROM information_schema.global_status WHERE variable_name = 'Innodb_deadlocks'",
  );
  return Number(row?.count);
}

async function counted(name: string, work: () => Promise<number>): Promise<number> {
  const before = await deadlocksOfServer();
  const done = await work();
  process.stdout.write(`  ${name}: ${(await deadlocksOfServer()) - before} deadlocks\n`);
  return done;
}

const prepare = async () => void (await database.execute("TRUNCATE inbox"));

try {
  await compare(
    "deliveries",
    [
      {
        name: "SELECT FOR UPDATE, INSERT",
        prepare,
        run: () => counted("baseline", () => byWorkers(1, selectThenInsert)),
      },
      {
        name: "kit/events/consume.ts",
        prepare,
        run: () => counted("inbox", () => byWorkers(batch, consumeBatch)),
      },
    ],
    3,
  );
} finally {
  await bare.end();
  await close();
}
