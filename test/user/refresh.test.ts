import { create } from "@bufbuild/protobuf";
import { type CallOptions, ConnectError } from "@connectrpc/connect";
import { expect } from "chai";
import { RefreshSessionRequestSchema } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { createDatabase } from "#kit/data/database.ts";
import type { App } from "#services/user/app.ts";
import { refreshSession } from "#services/user/rpc/refresh-session.ts";
import { callContextOf } from "../support/component/call-context.ts";
import { profileOf, signUp, signUpAdmin } from "../support/market/people.ts";
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

  it("returns the same next token to any number of calls with the token just replaced", async () => {
    const person = await signUp(suite.stack);
    let token = person.refreshToken;
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(Array.from({ length: 6 }, () => suite.newestToken(token)));
      const [next = ""] = answers;
      expect(next).to.not.equal(token);
      expect([...answers, await suite.newestToken(token)]).to.deep.equal(Array(7).fill(next));
      token = next;
    }
    expect(await suite.openSessions(person.userId)).to.equal(1);
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

  it("keeps the session where a replaced token comes late, from a caller who has hung up", async () => {
    const person = await signUp(suite.stack);
    const next = await suite.newestToken(person.refreshToken);
    await suite.sql.query(
      "UPDATE session SET refresh_time = refresh_time - INTERVAL 11 SECOND WHERE user_id = ?",
      [person.userId],
    );
    const database = createDatabase({ url: suite.stack.env.USER_DATABASE_URL ?? "", poolSize: 1 });
    const config = { sessions: { graceMs: 10_000, lifetimeDays: 14 } };
    const late = refreshSession({ database, config } as unknown as App)(
      create(RefreshSessionRequestSchema, { refreshToken: person.refreshToken }),
      { ...callContextOf(person.userId), signal: AbortSignal.abort(new Error("hung up")) },
    );
    expect(await late.catch((error: Error) => error.message)).to.equal("hung up");
    await database.close();
    expect(await suite.newestToken(next)).to.not.equal(next);
    expect(await suite.openSessions(person.userId)).to.equal(1);
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
    expect(login.headers.get("cache-control")).to.equal("private, no-store");
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
    expect(await clearedBy(browser(next.split("; ")[0] ?? ""))).to.equal(true);
  });

  it("clears the cookie only where its session is over", async () => {
    const over = await signUp(suite.stack);
    await suite.newestToken(await suite.newestToken(over.refreshToken));
    const cookie = (token: string) => suite.auth(undefined, { cookie: `qc_refresh=${token}` });
    expect(await clearedBy(cookie(over.refreshToken)), "an old token, which ends the session").to.equal(true);
    const banned = await signUp(suite.stack);
    const admin = await signUpAdmin(suite.stack);
    await suite.admins(admin.token).banUser({ userId: banned.userId, reason: "for a test" });
    expect(await clearedBy(cookie(banned.refreshToken)), "a banned user").to.equal(true);
    for (const token of ["", "x", "x".repeat(64)]) {
      expect(await clearedBy(cookie(token)), `no session of ours: ${token}`).to.equal(false);
    }
  });
});

/** Whether the refusal of a refresh takes the cookie from the browser. */
async function clearedBy(browser: ReturnType<UserSuite["auth"]>): Promise<boolean> {
  const refused = await browser.refreshSession({}).catch((error: unknown) => error);
  expect(refused).to.be.instanceOf(ConnectError);
  const [cookie = ""] = (refused as ConnectError).metadata.getSetCookie();
  return /^qc_refresh=; .*Max-Age=0/.test(cookie);
}

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
