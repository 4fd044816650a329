import { expect } from "chai";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { claimTask, claimTasks, scheduleTask, scheduleTasks } from "#kit/data/tasks.ts";
import { componentEnvironment } from "../support/component/component.ts";

const rename = "UPDATE task SET last_error = ? WHERE kind = ?";

describe("the database of a service", () => {
  let database: Database;

  before(async () => {
    const env = await componentEnvironment("pay");
    database = createDatabase({ url: env.PAY_DATABASE_URL ?? "", poolSize: 8 });
  });
  after(() => database?.close());

  const errorsOf = async (kind: string) => {
    const rows = await database.query<{ lastError: string }>("SELECT last_error FROM task WHERE kind = ?", [
      kind,
    ]);
    return rows.map(({ lastError }) => lastError);
  };

  it("commits with the last statement of a transaction, after which none may follow", async () => {
    let isCommitted = false;
    await database.transaction(async tx => {
      await scheduleTask(tx, "last", "1", 0);
      tx.afterCommit(() => {
        isCommitted = true;
      });
      expect(await tx.executeLast(rename, ["committed", "last"], 1)).to.equal(true);
      expect(await errorsOf("last")).to.deep.equal(["committed"]);
      const late = await tx.execute(rename, ["late", "last"]).catch((error: Error) => error);
      expect(late)
        .to.be.an("error")
        .with.property("message")
        .that.matches(/has ended/);
    });
    expect([isCommitted, await errorsOf("last")]).to.deep.equal([true, ["committed"]]);
  });

  it("commits nothing where the last statement affects another number of rows, or fails", async () => {
    const open = database.transaction(async tx => {
      await scheduleTask(tx, "open", "1", 0);
      expect(await tx.executeLast(rename, ["committed", "open"], 2)).to.equal(false);
      expect(await tx.query("SELECT 1 FROM task WHERE kind = 'open'")).to.have.length(1);
      throw new Error("not allowed");
    });
    expect(await open.catch((error: Error) => error.message)).to.equal("not allowed");
    const failed = database.transaction(async tx => {
      await scheduleTask(tx, "open", "1", 0);
      await tx.executeLast("UPDATE task SET attempts = -1 WHERE kind = ?", ["open"], 1);
    });
    expect(await failed.catch((error: Error) => error)).to.be.an("error");
    expect(await errorsOf("open")).to.deep.equal([]);
  });

  it("repeats nothing that is committed, whatever fails after it", async () => {
    let runs = 0;
    const failed = database.transaction(async tx => {
      runs += 1;
      await scheduleTask(tx, "once", "1", 0);
      await tx.executeLast(rename, ["committed", "once"], 1);
      throw Object.assign(new Error("deadlock"), { errno: 1213 });
    });
    expect(await failed.catch((error: unknown) => error)).to.be.an("error");
    expect([runs, await errorsOf("once")]).to.deep.equal([1, ["committed"]]);
  });

  it("gives each task to one of many replicas that claim at once, and counts its attempts", async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `${index}`);
    await database.transaction(tx => scheduleTasks(tx, "raced", ids));
    const claims = Array.from({ length: 12 }, (_, index) =>
      claimTasks(database, "raced", 10, { instance: `replica ${index}`, claimMs: 60_000 }),
    );
    const claimed = (await Promise.all(claims)).flat();
    const rest = await claimTasks(database, "raced", 60, { instance: "last", claimMs: 60_000 });
    const all = [...claimed, ...rest];
    expect(all.map(({ id }) => id).sort()).to.deep.equal(ids.toSorted());
    expect(new Set(all.map(({ attempts }) => attempts))).to.deep.equal(new Set([1]));
    const options = { instance: "other", claimMs: 60_000 };
    expect(await claimTask(database, "raced", "1", options)).to.equal(undefined);
    await database.execute("UPDATE task SET claimed_until = NULL WHERE kind = 'raced' AND id = '1'");
    expect(await claimTask(database, "raced", "1", options)).to.include({ id: "1", attempts: 2 });
  });
});
