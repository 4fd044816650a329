import { expect } from "chai";
import { DataTypes } from "sequelize";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { componentEnvironment } from "../support/component/component.ts";

interface Entry {
  readonly entryId: bigint;
  readonly secret: string;
  readonly points: bigint;
}

const entries = table<Entry>("model_entry", {
  entryId: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
  secret: DataTypes.STRING,
  points: DataTypes.BIGINT,
});

describe("a model", () => {
  let database: Database;
  let url: string;

  before(async function () {
    this.timeout(120_000);
    ({ COUPON_DATABASE_URL: url = "" } = await componentEnvironment("coupon"));
    database = createDatabase({ url, poolSize: 1 });
    await database.execute(
      `CREATE TABLE model_entry (entry_id BIGINT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(50) UNIQUE, points BIGINT,
         CONSTRAINT ck_points CHECK (points >= 0))`,
    );
  });
  after(() => database?.close());

  it("returns plain rows, and its id", async () => {
    const entryId = await entries(database).insert({ secret: "first", points: 9_007_199_254_740_993n });
    expect(await entries(database).find({ where: { entryId } })).to.deep.equal({
      entryId,
      secret: "first",
      points: 9_007_199_254_740_993n,
    });
  });

  it("throws errors without the statement and its values, which may be secrets", async () => {
    const error = await entries(database)
      .insert({ secret: "hunter2", points: -1n })
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Error).and.have.property("errno", 4025);
    const { message, stack, ...rest } = error as Error;
    expect(JSON.stringify({ message, stack, ...rest })).not.to.include("hunter2");
  });

  it("says that the pool is exhausted like any other statement", async () => {
    // Waits for a connection four times as long.
    const hasty = createDatabase({ url, poolSize: 1, socketTimeoutMs: 1000 });
    const held = await hasty.sequelize.transaction();
    const error = await entries(hasty)
      .list({})
      .catch((thrown: unknown) => thrown);
    // Its connection was silent for as long, and may be closed.
    await held.rollback().catch(() => {});
    await hasty.close();
    expect(error).to.be.instanceOf(Error).and.have.property("message", "SERVICE_UNAVAILABLE");
  });

  it("belongs to its transaction", async () => {
    await database
      .transaction(async tx => {
        await entries(tx).insert({ secret: "rolled back", points: 1n });
        throw new Error("undone");
      })
      .catch(() => {});
    expect(await entries(database).list({ where: { secret: "rolled back" } })).to.deep.equal([]);
  });
});
