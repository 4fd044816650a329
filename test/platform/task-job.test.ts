import { expect } from "chai";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { taskJob } from "#kit/data/task-job.ts";
import { findTask } from "#kit/data/task-state.ts";
import { finishTask, requestRecheck, scheduleTask, type Task } from "#kit/data/tasks.ts";
import { createLog } from "#kit/process/log.ts";
import { createWakeup, startJob, type Wakeup } from "#kit/process/loop.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { until } from "../support/stack/until.ts";

const kind = "test";

describe("a job that works on tasks", () => {
  let database: Database;
  const observed = { log: createLog("tasks", "silent"), metrics: createMetrics("tasks") };

  before(async () => {
    const env = await componentEnvironment("pay");
    database = createDatabase({ url: env.PAY_DATABASE_URL ?? "", poolSize: 5 });
  });
  after(() => database?.close());

  const start = (
    work: (task: Task, signal: AbortSignal) => Promise<void>,
    { from = database, wakeup }: { from?: Database; wakeup?: Wakeup } = {},
  ) => {
    const app = { database: from, instance: "one", log: observed.log };
    // Only the wakeup and the end of a task can wake it.
    const options = { name: "tasks", kind, parallel: 2, pollMs: 600_000, claimMs: 60_000 };
    return startJob(taskJob(app, wakeup ? { ...options, wakeup } : options, work), observed);
  };
  const schedule = (...ids: string[]) =>
    database.transaction(async tx => {
      for (const [index, id] of ids.entries()) {
        await scheduleTask(tx, kind, id, index - 1000);
      }
    });

  it("claims the next task as soon as one ends, though another is slow", async () => {
    await schedule("slow", "quick", "next", "last");
    const slow = Promise.withResolvers<void>();
    const ended: string[] = [];
    const job = start(async task => {
      await (task.id === "slow" ? slow.promise : undefined);
      await database.transaction(tx => finishTask(tx, task));
      ended.push(task.id);
    });
    await until(() => ended.length === 3, "all but the slow one ended");
    slow.resolve();
    await job.stop();
    expect(ended).to.deep.equal(["quick", "next", "last", "slow"]);
  });

  it("looks before it claims only where it does not know that a task is due", async () => {
    let looks = 0;
    const query: Database["query"] = (sql, values) => {
      looks += 1;
      return database.query(sql, values);
    };
    let ended = 0;
    const wakeup = createWakeup();
    const job = start(
      async task => {
        await database.transaction(tx => finishTask(tx, task));
        ended += 1;
      },
      { from: { ...database, query }, wakeup },
    );
    await until(() => looks === 1, "it has looked");
    for (const id of ["one", "two", "three"]) {
      const before = ended;
      await schedule(id);
      wakeup.wake();
      await until(() => ended > before, `${id} has ended`);
    }
    await job.stop();
    expect(looks).to.equal(1);
  });

  for (const [name, wakeup] of [
    ["is woken", createWakeup()],
    ["has no wakeup", undefined],
  ] as const) {
    it(`that ${name} repeats a task at once that was requested again while it ran`, async () => {
      await schedule("again");
      const first = Promise.withResolvers<void>();
      let runs = 0;
      const again = async (task: Task) => {
        runs += 1;
        await first.promise;
        await database.transaction(tx => finishTask(tx, task));
      };
      const job = start(again, wakeup && { wakeup });
      await until(() => runs === 1, "it runs");
      await requestRecheck(database, kind, "again");
      wakeup?.wake();
      first.resolve();
      await until(async () => (await findTask(database, kind, "again")) === undefined, "it has ended");
      await job.stop();
      expect(runs).to.equal(2);
    });
  }

  it("that is stopped aborts what is in flight, waits for it, and starts nothing more", async () => {
    await schedule("first", "second", "third");
    const started: string[] = [];
    let aborted = 0;
    const job = start(async (task, signal) => {
      started.push(task.id);
      await new Promise(resolve => signal.addEventListener("abort", resolve));
      await database.transaction(tx => finishTask(tx, task));
      aborted += 1;
    });
    await until(() => started.length === 2, "two are in flight");
    await job.stop();
    expect([started, aborted]).to.deep.equal([["first", "second"], 2]);
    expect(await findTask(database, kind, "third")).to.include({ attempts: 0 });
  });
});
