import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { insertAll } from "#kit/data/sql.ts";
import { removeExpiredRegistrations } from "#services/user/db/registrations.ts";
import { componentEnvironment } from "../support/component/component.ts";

describe("the clean-up of registrations", () => {
  const open = 3000;
  let database: Database;

  before(async () => {
    const { USER_DATABASE_URL } = await componentEnvironment("user");
    // One connection, so that its counters are those of the statement.
    database = createDatabase({ url: USER_DATABASE_URL ?? "", poolSize: 1 });
    await addRegistrations(open, new Date(Date.now() + 3_600_000));
  });
  after(() => database?.close());

  const addRegistrations = (count: number, expireTime: Date) =>
    database.transaction(tx =>
      insertAll(
        tx,
        "registration",
        Array.from({ length: count }, (_, index) => ({
          registrationId: randomUUID(),
          email: `${index}@example.com`,
          phone: "01012345678",
          passwordHash: "",
          name: "수험생",
          expireTime,
        })),
      ),
    );
  const countRows = async () =>
    Number((await database.query<{ n: bigint }>("SELECT COUNT(*) AS n FROM registration"))[0]?.n);

  it("removes those that have expired, at most as many as it is told, and reads no other", async () => {
    await addRegistrations(5, new Date(Date.now() - 60_000));
    await database.execute("FLUSH STATUS");
    expect(await removeExpiredRegistrations(database, 3)).to.equal(3);
    expect(await removeExpiredRegistrations(database, 3)).to.equal(2);
    const counters = await database.query<{ value: string }>(
      "SELECT variable_value AS value FROM information_schema.session_status WHERE variable_name LIKE 'Handler_read_%'",
    );
    const rowsRead = counters.reduce((sum, { value }) => sum + Number(value), 0);
    expect(rowsRead).to.be.within(5, 50);
    expect(await countRows()).to.equal(open);
  });
});
