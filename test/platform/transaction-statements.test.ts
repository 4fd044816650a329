import { expect } from "chai";
import { DataTypes } from "sequelize";
import { createDatabase, type Database, type Tx, violatedKey } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { endStatementsAt } from "#kit/data/statement-deadline.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { reasonOf } from "../support/rpc/clients.ts";

const add = "INSERT INTO inbox (event_id, consumer) VALUES (?, ?)";
const consumer = "transaction statements";
const inboxModel = table<{ eventId: string; consumer: string }>("inbox", {
  eventId: { type: DataTypes.STRING, primaryKey: true },
  consumer: { type: DataTypes.STRING, primaryKey: true },
});

describe("the statements of a transaction", () => {
  let database: Database;
  let url: string;
  let received: () => Promise<number>;

  before(async () => {
    ({ CART_DATABASE_URL: url = "" } = await componentEnvironment("cart"));
    database = createDatabase({ url, poolSize: 1 });
    // The pool has one connection, so its own counter tells what the server received of this test.
    const questions = async () => {
      const [row] = await database.query<{ value: string }>(
        `SELECT variable_value AS value FROM information_schema.session_status WHERE variable_name = 'QUESTIONS'`,
      );
      return Number(row?.value);
    };
    let last = await questions();
    received = async () => {
      const now = await questions();
      const between = now - last - 1;
      last = now;
      return between;
    };
  });
  after(() => database?.close());
  beforeEach(async () => {
    await database.execute("DELETE FROM inbox WHERE consumer = ?", [consumer]);
    await received();
  });

  const later = (tx: Tx, eventId: string) => tx.deferred.execute(add, [eventId, consumer]);
  const stored = async () => {
    const sql = "SELECT event_id FROM inbox WHERE consumer = ? ORDER BY event_id";
    return (await database.query<{ eventId: string }>(sql, [consumer])).map(({ eventId }) => eventId);
  };
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it("are none where nothing is done, one where there is one write, and one for all that is deferred", async () => {
    await database.transaction(async () => {});
    expect(await received()).to.equal(0);
    await database.transaction(tx => later(tx, "a"));
    expect(await received()).to.equal(1);
    await database.transaction(async tx => {
      await later(tx, "b");
      await later(tx, "c");
    });
    expect(await stored()).to.deep.equal(["a", "b", "c"]);
  });

  it("refuse a second one while the first is starting the transaction, and roll back", async () => {
    const first = (tx: Tx) => tx.query(`${add} RETURNING 1`, ["a", consumer]);
    const seconds: ((tx: Tx) => Promise<unknown>)[] = [
      tx => tx.query("SELECT 1"),
      tx => tx.execute(add, ["b", consumer]),
      async tx => inboxModel(tx).find({}),
    ];
    for (const second of seconds) {
      const error = await failure(database.transaction(tx => Promise.all([first(tx), second(tx)])));
      expect(error).to.be.instanceOf(Error).with.property("message").that.includes("await the first");
      expect(await stored()).to.deep.equal([]);
    }
  });

  it("run the deferred ones before the next, with which the transaction starts", async () => {
    const rows = await database.transaction(async tx => {
      await later(tx, "a");
      return tx.query<{ eventId: string }>("SELECT event_id FROM inbox WHERE consumer = ?", [consumer]);
    });
    expect([rows, await received()]).to.deep.equal([[{ eventId: "a" }], 2]);
  });

  it("say how many rows matched and which id was inserted, with a start and deferred ones before them", async () => {
    await database.execute("CREATE TEMPORARY TABLE numbered (id BIGINT AUTO_INCREMENT PRIMARY KEY, of INT)");
    const inserted = await database.transaction(async tx => {
      await later(tx, "a");
      return tx.execute("INSERT INTO numbered (of) VALUES (1), (1)");
    });
    expect(inserted).to.deep.equal({ affectedRows: 2, insertId: 1n });
    const update = (tx: Tx) => tx.execute("UPDATE numbered SET of = 1");
    const matched = await database.transaction(async tx => {
      const first = await update(tx);
      await later(tx, "b");
      return [first.affectedRows, (await update(tx)).affectedRows];
    });
    expect(matched).to.deep.equal([2, 2]);
    expect(await stored()).to.deep.equal(["a", "b"]);
  });

  it("store nothing where a deferred one fails, and name its key", async () => {
    const twice = (more: (tx: Tx) => Promise<unknown>) =>
      database.transaction(async tx => {
        await later(tx, "a");
        await later(tx, "a");
        await more(tx);
      });
    expect(violatedKey(await failure(twice(async () => {})))).to.equal("PRIMARY");
    expect(violatedKey(await failure(twice(tx => tx.query("SELECT 1"))))).to.equal("PRIMARY");
    // Whatever its caller makes of the error.
    const ignored = twice(tx => tx.query("SELECT 1").catch(() => {}));
    expect(await failure(ignored)).to.have.property("message", "the transaction can only be rolled back");
    expect(await stored()).to.deep.equal([]);
  });

  it("are in a transaction after a first one that failed, which may be caught", async () => {
    await database.execute(add, ["known", consumer]);
    const repeat = async (tx: Tx) => {
      const known = tx.query(`${add} RETURNING event_id`, ["known", consumer]);
      expect(violatedKey(await failure(known))).to.equal("PRIMARY");
    };
    await database.transaction(repeat);
    const refused = database.transaction(async tx => {
      await repeat(tx);
      await tx.query(`${add} RETURNING event_id`, ["refused", consumer]);
      throw new Error("refused");
    });
    expect(await failure(refused)).to.have.property("message", "refused");
    await database.transaction(async tx => {
      await repeat(tx);
      await tx.query(`${add} RETURNING event_id`, ["added", consumer]);
    });
    expect(await stored()).to.deep.equal(["added", "known"]);
  });

  it("are rolled back together with those of models", async () => {
    const mixed = (fails: boolean) =>
      database.transaction(async tx => {
        await later(tx, "deferred");
        await inboxModel(tx).insert({ eventId: "model", consumer });
        await tx.execute(add, ["execute", consumer]);
        if (fails) {
          throw new Error("refused");
        }
      });
    expect(await failure(mixed(true))).to.have.property("message", "refused");
    expect(await stored()).to.deep.equal([]);
    await mixed(false);
    expect(await stored()).to.deep.equal(["deferred", "execute", "model"]);
  });

  it("end at the deadline of their call, the first and the deferred ones too", async () => {
    const endless = "SELECT COUNT(*) FROM seq_1_to_1000000000 a, seq_1_to_1000000000 b";
    const first = endStatementsAt(Date.now() + 150, () => database.transaction(tx => tx.query(endless)));
    expect(reasonOf(await failure(first))).to.equal("DEADLINE_EXCEEDED");
    const late = endStatementsAt(Date.now() - 1, () => database.transaction(tx => later(tx, "late")));
    expect(reasonOf(await failure(late))).to.equal("DEADLINE_EXCEEDED");
    expect(await stored()).to.deep.equal([]);
  });

  it("are run again as a whole after a deadlock with deferred ones", async () => {
    const both = createDatabase({ url, poolSize: 2 });
    try {
      await database.transaction(async tx => {
        await later(tx, "one");
        await later(tx, "two");
      });
      const bothHold = Promise.withResolvers<void>();
      let [holding, runs] = [0, 0];
      const lock = (own: string, other: string) =>
        both.transaction(async tx => {
          runs += 1;
          await tx.query("SELECT 1 FROM inbox WHERE event_id = ? AND consumer = ? FOR UPDATE", [
            own,
            consumer,
          ]);
          holding += 1;
          if (holding === 2) {
            bothHold.resolve();
          }
          await bothHold.promise;
          await later(tx, `${own} again`);
          await tx.deferred.execute(
            "UPDATE inbox SET create_time = NOW(6) WHERE event_id = ? AND consumer = ?",
            [other, consumer],
          );
        });
      await Promise.all([lock("one", "two"), lock("two", "one")]);
      expect([runs, await stored()]).to.deep.equal([3, ["one", "one again", "two", "two again"]]);
    } finally {
      await both.close();
    }
  });
});
