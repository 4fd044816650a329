import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { insertAll } from "#kit/data/sql.ts";
import { removeExpired } from "#services/user/jobs/remove-expired.ts";
import { componentEnvironment } from "../support/component/component.ts";

describe("the removal of what has expired in user", () => {
  let database: Database;

  before(async () => {
    const { USER_DATABASE_URL } = await componentEnvironment("user");
    database = createDatabase({ url: USER_DATABASE_URL ?? "", poolSize: 1 });
  });
  after(() => database?.close());

  const run = () =>
    removeExpired({
      database,
      runWithLease: (_name, _leaseMs, work) => work(),
      config: { mail: { keepDays: 30 } } as never,
    })();

  it("removes social logins that were not completed in time and no other", async () => {
    const login = (seed: number, expiresInMs: number) => ({
      stateHash: Buffer.alloc(32, seed),
      handleHash: Buffer.alloc(32, seed),
      provider: "KAKAO",
      codeVerifier: String(seed),
      expireTime: new Date(Date.now() + expiresInMs),
    });
    await database.transaction(tx => insertAll(tx, "social_login", [login(1, 60_000), login(2, -60_000)]));
    await run();
    const left = await database.query<{ codeVerifier: string }>("SELECT code_verifier FROM social_login");
    expect(left).to.deep.equal([{ codeVerifier: "1" }]);
  });

  it("removes registrations that have expired and no other", async () => {
    const registration = (email: string, expiresInMs: number) => ({
      registrationId: randomUUID(),
      email,
      phone: "01012345678",
      passwordHash: "",
      name: "수험생",
      expireTime: new Date(Date.now() + expiresInMs),
    });
    const rows = [registration("open@example.com", 60_000), registration("expired@example.com", -60_000)];
    await database.transaction(tx => insertAll(tx, "registration", rows));
    await run();
    const left = await database.query<{ email: string }>("SELECT email FROM registration");
    expect(left).to.deep.equal([{ email: "open@example.com" }]);
  });
});
