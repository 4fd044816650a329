import { type CallOptions, ConnectError } from "@connectrpc/connect";
import { expect } from "chai";
import { profileOf, signUp } from "../support/market/people.ts";
import { openUserSuite, password, type UserSuite } from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";

describe("refresh of a session", () => {
  let suite: UserSuite;

  before(async () => {
    suite = await openUserSuite();
  });
  after(() => suite?.close());

  it("replaces the token each time", async () => {
    const person = await signUp(suite.stack);
    const { tokens } = await suite.refresh(person.refreshToken);
    expect(tokens?.refreshToken).to.not.equal(person.refreshToken);
    expect((await profileOf(suite.stack, tokens?.accessToken ?? "")).profile?.userId).to.equal(person.userId);
    const third = await suite.newestToken(tokens?.refreshToken ?? "");
    expect(await suite.newestToken(third)).to.not.equal(third);
    expect(await suite.openSessions(person.userId)).to.equal(1);
  });

  it("returns the same next token to two parallel calls, and leaves one session", async () => {
    const person = await signUp(suite.stack);
    let token = person.refreshToken;
    for (let round = 0; round < 5; round++) {
      const [one = "", other] = await Promise.all([suite.newestToken(token), suite.newestToken(token)]);
      expect(one).to.equal(other).and.to.not.equal(token);
      token = one;
    }
    expect(await suite.openSessions(person.userId)).to.equal(1);
  });

  it("accepts the token just replaced once more, and ends the session at its next use", async () => {
    const person = await signUp(suite.stack);
    const next = await suite.newestToken(person.refreshToken);
    expect(await suite.newestToken(person.refreshToken)).to.equal(next);
    expect(await refusalOf(suite.refresh(person.refreshToken))).to.include({
      reason: "UNAUTHORIZED_TOKEN",
      code: "Unauthenticated",
    });
    expect(await suite.openSessions(person.userId)).to.equal(0);
    expect(await refusalOf(suite.refresh(next))).to.include({ reason: "UNAUTHORIZED_TOKEN" });
  });

  it("ends the session if a replaced token is used after the grace period, or after two rotations", async () => {
    const late = await signUp(suite.stack);
    const next = await suite.newestToken(late.refreshToken);
    await suite.sql.query(
      "UPDATE session SET refresh_time = refresh_time - INTERVAL 11 SECOND WHERE user_id = ?",
      [late.userId],
    );
    expect(await refusalOf(suite.refresh(late.refreshToken))).to.include({ reason: "UNAUTHORIZED_TOKEN" });
    expect(await refusalOf(suite.refresh(next))).to.include({ reason: "UNAUTHORIZED_TOKEN" });

    const early = await signUp(suite.stack);
    const third = await suite.newestToken(await suite.newestToken(early.refreshToken));
    expect(await refusalOf(suite.refresh(early.refreshToken))).to.include({ reason: "UNAUTHORIZED_TOKEN" });
    expect(await refusalOf(suite.refresh(third))).to.include({ reason: "UNAUTHORIZED_TOKEN" });
  });

  it("refuses unknown, expired and malformed tokens", async () => {
    const person = await signUp(suite.stack);
    await suite.sql.query("UPDATE session SET expire_time = NOW(6) WHERE user_id = ?", [person.userId]);
    for (const token of [person.refreshToken, "x".repeat(64), "x", "", "x".repeat(200)]) {
      expect(await refusalOf(suite.refresh(token))).to.include({ reason: "UNAUTHORIZED_TOKEN" });
    }
    expect(await refusalOf(suite.refresh("x".repeat(201)))).to.include({ reason: "BAD_REQUEST" });
  });

  it("is a cookie for this service alone where a web client asks for one", async () => {
    const person = await signUp(suite.stack);
    const login = await withHeaders(options =>
      suite.auth().login({ email: person.email, password, useCookie: true }, options),
    );
    expect(login.answer.tokens?.refreshToken).to.equal("");
    const [cookie = ""] = login.headers.getSetCookie();
    const parts = cookie.split("; ");
    expect(parts[0]).to.match(/^qc_refresh=[\w-]{64}$/);
    expect(parts).to.include.members([
      "HttpOnly",
      "SameSite=Strict",
      "Path=/questioncloud.user.v1.AuthService",
    ]);
    const browser = (value: string) => suite.auth(undefined, { cookie: `other=1; ${value}` });
    const refreshed = await withHeaders(options => browser(parts[0] ?? "").refreshSession({}, options));
    expect(refreshed.answer.tokens?.refreshToken).to.equal("");
    const [next = ""] = refreshed.headers.getSetCookie();
    expect(next.split("; ")[0]).to.not.equal(parts[0]);
    const out = await withHeaders(options => browser(next.split("; ")[0] ?? "").logout({}, options));
    expect(out.headers.getSetCookie()[0]).to.match(/^qc_refresh=; .*Max-Age=0/);
    const refused = await browser(next.split("; ")[0] ?? "")
      .refreshSession({})
      .catch((error: unknown) => ConnectError.from(error));
    expect(refused).to.be.instanceOf(ConnectError);
    expect((refused as ConnectError).metadata.getSetCookie()[0]).to.match(/^qc_refresh=; .*Max-Age=0/);
  });
});

async function withHeaders<T>(
  call: (options: CallOptions) => Promise<T>,
): Promise<{ answer: T; headers: Headers }> {
  let headers = new Headers();
  const answer = await call({
    onHeader: received => {
      headers = received;
    },
  });
  return { answer, headers };
}
