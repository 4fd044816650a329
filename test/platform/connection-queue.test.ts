import { expect } from "chai";
import { pino } from "pino";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { endStatementsAt, outliveCall } from "#kit/data/statement-deadline.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { reasonOf } from "../support/rpc/clients.ts";
import { until } from "../support/stack/until.ts";

// One, so that work ends in the order in which it got its turn.
const poolSize = 1;

describe("a pool whose connections are all in use", () => {
  const metrics = createMetrics("coupon");
  const pending = async () => {
    const text = await metrics.registry.getSingleMetricAsString("db_client_connection_pending_requests");
    return Number(/^db_client_connection_pending_requests\S* (\d+)$/m.exec(text)?.[1]);
  };
  let database: Database;

  before(async () => {
    const { COUPON_DATABASE_URL: url = "" } = await componentEnvironment("coupon");
    database = createDatabase({ url, poolSize, observed: { log: pino({ level: "silent" }), metrics } });
  });
  after(() => database?.close());

  /** Holds all connections; returns what gives them back. */
  async function holdAll(): Promise<() => Promise<void>> {
    const held = Promise.withResolvers<void>();
    let holding = 0;
    const transactions = Array.from({ length: poolSize }, () =>
      database.transaction(async tx => {
        await tx.query("SELECT 1");
        holding += 1;
        await held.promise;
      }),
    );
    await until(async () => holding === poolSize, "all connections are in use");
    return async () => {
      held.resolve();
      await Promise.all(transactions);
    };
  }

  it("tells how long the longest has waited for one", async () => {
    expect(database.connectionQueue.waitedMs()).to.equal(0);
    const release = await holdAll();
    expect(database.connectionQueue.waitedMs()).to.equal(0);
    const waiting = database.query<{ one: number }>("SELECT 1 AS one");
    await until(async () => database.connectionQueue.waitedMs() > 20, "it waits");
    expect(await pending()).to.equal(1);
    await release();
    expect(await waiting).to.deep.equal([{ one: 1 }]);
    expect(await pending()).to.equal(0);
    expect(database.connectionQueue.waitedMs()).to.equal(0);
  });

  it("gives them to the call that began first, and to work without a call in its turn", async () => {
    const release = await holdAll();
    const order: string[] = [];
    const ask = (name: string) => database.query("SELECT 1").then(() => order.push(name));
    const deadlineMs = Date.now() + 60_000;
    const started = Promise.withResolvers<void>();
    const first = endStatementsAt(deadlineMs, async () => {
      await started.promise;
      await outliveCall(() => ask("first"));
    });
    await new Promise(resolve => setTimeout(resolve, 2));
    const others = [ask("no call"), endStatementsAt(deadlineMs, () => ask("last"))];
    started.resolve();
    await until(async () => database.connectionQueue.length() === 3, "all wait");
    await release();
    await Promise.all([first, ...others]);
    expect(order).to.deep.equal(["first", "no call", "last"]);
  });

  it("does not keep a service from answering that its database takes writes", async () => {
    const release = await holdAll();
    await database.requireWritable();
    await release();
  });

  it("starts nothing for calls whose deadlines pass while they wait", async () => {
    const release = await holdAll();
    const deadlineMs = Date.now() + 50;
    let started = 0;
    const works: (() => Promise<unknown>)[] = [
      () => database.query("SELECT 1"),
      () =>
        database.transaction(async () => {
          started += 1;
        }),
    ];
    const late = works.map(work =>
      endStatementsAt(deadlineMs, work).then(
        () => "none",
        (error: unknown) => reasonOf(error),
      ),
    );
    await until(async () => Date.now() > deadlineMs, "the deadline has passed");
    await release();
    expect(await Promise.all(late)).to.deep.equal(["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"]);
    expect(started).to.equal(0);
    await (await holdAll())();
  });
});
