import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { migrate, readMigrationStatus } from "#kit/data/migrate.ts";
import { componentEnvironment } from "../support/component/component.ts";

describe("a migration", () => {
  let url: string;
  let database: Database;
  let dir: string;
  const write = (name: string, ...statements: string[]) =>
    writeFileSync(join(dir, name), statements.map(statement => `${statement};\n`).join(""));
  const directory = () => pathToFileURL(`${dir}/`);
  const run = () => migrate(database, directory());
  const failure = () =>
    run().then(
      () => "",
      (error: Error) => error.message,
    );
  const isPending = async (name: string) =>
    (await readMigrationStatus(database, directory())).pending.includes(name);

  before(async () => {
    url = (await componentEnvironment("coupon")).COUPON_DATABASE_URL ?? "";
    // One connection, which holds the lock, runs everything.
    database = createDatabase({ url, poolSize: 1 });
    dir = mkdtempSync(join(tmpdir(), "migrations-"));
  });
  after(async () => {
    await database?.close();
    rmSync(dir, { recursive: true });
  });

  it("is applied once by processes that run at once", async () => {
    write("1001-one.sql", "CREATE TABLE one (id INT)", "INSERT INTO one VALUES (1), (2)");
    const others = [1, 2, 3].map(() => createDatabase({ url, poolSize: 1 }));
    const applied = await Promise.all([run(), ...others.map(other => migrate(other, directory()))]);
    await Promise.all(others.map(other => other.close()));
    expect(applied.flat()).to.deep.equal(["1001-one.sql"]);
    expect(await database.query("SELECT id FROM one ORDER BY id")).to.deep.equal([{ id: 1 }, { id: 2 }]);
  });

  it("that fails says where, stays pending, and goes on from there when it is repaired", async () => {
    const name = "1002-two.sql";
    const good = ["CREATE TABLE two (id INT)", "INSERT INTO two VALUES (1)"];
    write(name, ...good, "ALTER TABLE two ADD COLUMN\n  id INT", "INSERT INTO two VALUES (2)");
    const message =
      "statement 3 of 1002-two.sql failed (ALTER TABLE two ADD COLUMN); those before it have run. " +
      "Repair it and run the command again";
    expect([await failure(), await failure()]).to.deep.equal([message, message]);
    expect(await isPending(name)).to.equal(true);

    write(name, "CREATE TABLE two (id BIGINT)", ...good.slice(1), "INSERT INTO two VALUES (2)");
    expect(await failure()).to.equal(
      "the first 2 statements of 1002-two.sql have run, and were changed after that",
    );

    write(name, ...good, "ALTER TABLE two ADD COLUMN name INT", "INSERT INTO two VALUES (2, 2)");
    expect(await run()).to.deep.equal([name]);
    expect(await isPending(name)).to.equal(false);
    expect(await database.query("SELECT id, name FROM two ORDER BY id")).to.deep.equal([
      { id: 1, name: null },
      { id: 2, name: 2 },
    ]);
    expect(await run()).to.deep.equal([]);
  });
});
