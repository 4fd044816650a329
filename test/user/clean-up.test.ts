import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { insertAll } from "#kit/data/sql.ts";
import { readConfig } from "#kit/process/config.ts";
import { config, type UserConfig } from "#services/user/config.ts";
import { cleanUp } from "#services/user/jobs/clean-up.ts";
import { componentEnvironment } from "../support/component/component.ts";

describe("the clean-up of registrations", () => {
  const open = 3000;
  let database: Database;
  let settings: UserConfig;

  before(async () => {
    const env = await componentEnvironment("user");
    settings = readConfig(
      {
        ...env,
        USER_SITE_URL: "http://127.0.0.1:1",
        USER_SMTP_URL: "smtp://127.0.0.1:1",
        USER_SIGNING_KEYS_FILE: "-",
        USER_MAIL_FROM: "no-reply@questioncloud.example",
      },
      config,
    );
    // One connection, so that its counters are those of the statement.
    database = createDatabase({ url: settings.runtime.database.url, poolSize: 1 });
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

  it("removes those that have expired and reads no other", async () => {
    await addRegistrations(5, new Date(Date.now() - 60_000));
    await database.execute("FLUSH STATUS");
    const run = cleanUp({ database, runWithLease: (_name, _leaseMs, work) => work(), config: settings });
    expect(await run(), "more is left").to.equal(false);
    const counters = await database.query<{ value: string }>(
      "SELECT variable_value AS value FROM information_schema.session_status WHERE variable_name LIKE 'Handler_read_%'",
    );
    const rowsRead = counters.reduce((sum, { value }) => sum + Number(value), 0);
    expect(rowsRead).to.be.within(5, 50);
    expect(await countRows()).to.equal(open);
  });
});
