import { timestampDate } from "@bufbuild/protobuf/wkt";
import { hash } from "@node-rs/argon2";
import { expect } from "chai";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { logIn, type Person, profileOf, signUp } from "../support/market/people.ts";
import { holds, newEmail, openUserSuite, password, type UserSuite } from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";

describe("login", () => {
  let suite: UserSuite;

  before(async () => {
    suite = await openUserSuite();
  });
  after(() => suite?.close());

  it("returns an access token for five minutes and a refresh token for thirty days", async () => {
    const person = await signUp(suite.stack);
    const { tokens } = await suite.auth().login({ email: person.email.toUpperCase(), password });
    const access = tokens?.accessToken ?? "";
    expect(decodeProtectedHeader(access)).to.include({ alg: "RS256", typ: "at+jwt" });
    const claims = decodeJwt(access);
    expect(claims).to.include({ sub: person.userId.toString(), role: "USER", aud: "questioncloud" });
    expect(claims.jti).to.be.a("string");
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).to.equal(300);
    expect(tokens?.accessExpireTime && timestampDate(tokens.accessExpireTime).getTime()).to.equal(
      (claims.exp ?? 0) * 1000,
    );
    const expireTime = tokens?.refreshExpireTime && timestampDate(tokens.refreshExpireTime).getTime();
    expect((expireTime ?? 0) - Date.now()).to.be.closeTo(30 * 86_400_000, 60_000);
    const [row] = await suite.sql.query("SELECT * FROM session WHERE user_id = ? ORDER BY create_time DESC", [
      person.userId,
    ]);
    expect(holds(row, tokens?.refreshToken ?? "")).to.equal(false);
    expect((await profileOf(suite.stack, access)).profile?.userId).to.equal(person.userId);
  });

  it("answers an unknown address and a wrong password the same, in about the same time", async () => {
    let person: Person | undefined;
    const times = { unknown: [] as number[], wrong: [] as number[] };
    const isAlike = () => Math.min(...times.unknown) > Math.min(...times.wrong) * 0.5;
    // More rounds where a busy machine disturbs the shortest of five; without a hash they would differ tenfold.
    for (let round = 0; round < 5 || (round < 20 && !isAlike()); round++) {
      if (person === undefined || round % 5 === 0) {
        person = await signUp(suite.stack);
      }
      for (const [kind, email] of [["unknown", newEmail()] as const, ["wrong", person.email] as const]) {
        const startMs = performance.now();
        const refusal = await refusalOf(suite.auth().login({ email, password: "wrong-horse-1" }));
        times[kind].push(performance.now() - startMs);
        expect(refusal).to.deep.include({ reason: "FAIL_LOGIN", code: "Unauthenticated", metadata: {} });
      }
    }
    expect(isAlike(), JSON.stringify(times)).to.equal(true);
  });

  it("does not tell a registration that was not activated from an unknown address", async () => {
    const { email } = await suite.register();
    expect(await refusalOf(suite.auth().login({ email, password }))).to.deep.include({
      reason: "FAIL_LOGIN",
      code: "Unauthenticated",
      metadata: {},
    });
  });

  it("hashes a password again if the parameters have changed", async () => {
    const person = await signUp(suite.stack);
    const weak = await hash(person.password, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    await suite.sql.query("UPDATE user SET password_hash = ? WHERE user_id = ?", [weak, person.userId]);
    await logIn(suite.stack, person.email, person.password);
    const [row] = await suite.sql.query("SELECT password_hash FROM user WHERE user_id = ?", [person.userId]);
    expect(row.password_hash).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    await logIn(suite.stack, person.email, person.password);
  });

  it("ends the oldest session where a user has more than fifty", async () => {
    const person = await signUp(suite.stack);
    for (let n = 0; n < 49; n++) {
      await suite.sql.query(
        `INSERT INTO session (session_id, user_id, user_agent, family_hash, seed, current_hash, expire_time)
         VALUES (UUID(), ?, 'filler', RANDOM_BYTES(32), RANDOM_BYTES(32), RANDOM_BYTES(32), NOW(6) + INTERVAL 1 DAY)`,
        [person.userId],
      );
    }
    expect(await suite.openSessions(person.userId)).to.equal(50);
    await Promise.all(Array.from({ length: 3 }, () => logIn(suite.stack, person.email, person.password)));
    expect(await suite.openSessions(person.userId)).to.equal(50);
    expect(await refusalOf(suite.refresh(person.refreshToken))).to.include({ reason: "UNAUTHORIZED_TOKEN" });
  });
});
