import type { SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { createDatabase, type Database } from "#kit/data/database.ts";
import type { RunWithLease } from "#kit/data/lease.ts";
import { claimTasks } from "#kit/data/tasks.ts";
import { measureOutbox } from "#kit/events/measure-outbox.ts";
import { createRelay } from "#kit/events/relay.ts";
import { removeOldEvents } from "#kit/events/remove-old-events.ts";
import { createLog } from "#kit/process/log.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { removeExpired } from "#services/user/jobs/remove-expired.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { type LoadedTable, loadRows } from "../support/data/load-rows.ts";

const rows = 300_000;

/** A step of a job, on the tables of a service. */
interface Step {
  readonly name: string;
  readonly service: string;
  readonly mostRead?: number;
  readonly run: (database: Database) => Promise<unknown>;
}

const log = createLog("periodic", "silent");
const metrics = createMetrics("periodic");
const runWithLease: RunWithLease = (_name, _leaseMs, work) => work();

// Those of user have grown for years, and nothing is due; the outbox of coupon waits for SNS.
const tables: Readonly<Record<string, readonly LoadedTable[]>> = {
  coupon: [{ table: "outbox" }],
  user: [
    { table: "outbox", values: { state: "'PUBLISHED'", publish_time: "NOW(6)" } },
    { table: "inbox" },
    { table: "user" },
    { table: "session" },
    { table: "registration" },
    { table: "mail", values: { user_id: "seq", state: "'SENT'", finish_time: "NOW(6)" } },
    { table: "task", values: { kind: "'mail'" } },
  ],
};

const relay: Step["run"] = database => {
  const sns = { send: () => Promise.reject(new Error("connect ECONNREFUSED")) } as unknown as SNSClient;
  return createRelay({ database, sns, topicArnPrefix: "", metrics, log, retryMs: 1000, maxAttempts: 3 })();
};

const steps: readonly Step[] = [
  { name: "relay", service: "user", run: relay },
  // It claims 500 rows, three times at most.
  { name: "relay, with a backlog", service: "coupon", run: relay, mostRead: 1600 },
  {
    name: "measure-outbox, with a backlog, which it counts up to a limit",
    service: "coupon",
    run: database => measureOutbox({ database, metrics })(),
    mostRead: 2100,
  },
  { name: "remove-old-events", service: "user", run: database => removeOldEvents(database, 14)() },
  { name: "measure-outbox", service: "user", run: database => measureOutbox({ database, metrics })() },
  {
    name: "claiming tasks, as resolve-purchases, send-mails and reconcile-charges do",
    service: "user",
    run: database => claimTasks(database, "mail", 20, { instance: "one", claimMs: 1000 }),
  },
  {
    name: "remove-expired",
    service: "user",
    run: database => removeExpired({ database, runWithLease, config: { mail: { keepDays: 30 } } as never })(),
  },
];

describe(`a step of periodic work on ${rows} rows`, () => {
  const databases = new Map<string, Database>();

  before(async function () {
    this.timeout(180_000);
    const loads: { url: string; table: LoadedTable }[] = [];
    for (const [service, loaded] of Object.entries(tables)) {
      const env = await componentEnvironment(service);
      const url = env[`${service.toUpperCase()}_DATABASE_URL`] ?? "";
      // One connection, whose session counts what is read.
      databases.set(service, createDatabase({ url, poolSize: 1 }));
      loads.push(...loaded.map(table => ({ url, table })));
    }
    // MariaDB fills a table on one core.
    const loader = async () => {
      for (let load = loads.pop(); load !== undefined; load = loads.pop()) {
        const database = createDatabase({ url: load.url, poolSize: 1 });
        await loadRows(database, rows, load.table).finally(() => database.close());
      }
    };
    await Promise.all([loader(), loader()]);
  });
  after(() => Promise.all([...databases.values()].map(database => database.close())));

  async function rowsReadBy(service: string, run: Step["run"]): Promise<number> {
    const database = databases.get(service) as Database;
    const read = async () => {
      const status = await database.query<{ value: string }>(
        `SELECT variable_value AS value FROM information_schema.session_status
          WHERE variable_name LIKE 'HANDLER_READ%'`,
      );
      return status.reduce((sum, { value }) => sum + Number(value), 0);
    };
    const before = await read();
    const own = (await read()) - before;
    await run(database);
    return (await read()) - before - 2 * own;
  }

  it("is seen where it scans a table", async () => {
    const read = await rowsReadBy("user", database => database.query("SELECT MAX(body) FROM outbox"));
    expect(read).to.be.within(rows, rows + 10);
  });

  for (const { name, service, run, mostRead = 500 } of steps) {
    it(`reads few of them: ${name}`, async () => {
      expect(await rowsReadBy(service, run)).to.be.within(0, mostRead);
    });
  }
});
