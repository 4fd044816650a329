import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { AuthService, type LoginResponse } from "#gen/questioncloud/user/v1/auth_pb.ts";
import * as userService from "#services/user/service.ts";
import { type Person, signUp } from "../support/market/people.ts";
import { newEmail, openUserSuite, type UserSuite } from "../support/market/user-suite.ts";
import { type Caller, createCaller } from "../support/rpc/callers.ts";
import { type Replica, startReplicaHere } from "../support/stack/replica.ts";
import { startTcpGate, type TcpGate } from "../support/stack/tcp-gate.ts";

const failuresMax = 8;
const accountFailuresMax = 20;
const strictFailuresMax = failuresMax / 4;
const { login } = AuthService.method;

describe("the limit of wrong passwords", () => {
  let suite: UserSuite;
  let redis: TcpGate;
  let replica: Replica;
  let caller: Caller;
  let person: Person;
  let lastAddress = 0;

  before(async () => {
    suite = await openUserSuite();
    const redisUrl = new URL(suite.stack.redis.url);
    redis = await startTcpGate(Number(redisUrl.port));
    redisUrl.port = String(redis.port);
    replica = await startReplicaHere(suite.stack, "user", userService, {
      REDIS_URL: redisUrl.toString(),
      USER_LOGIN_FAILURES_PER_MINUTE: String(failuresMax),
      USER_LOGIN_ACCOUNT_FAILURES_PER_MINUTE: String(accountFailuresMax),
    });
    caller = createCaller("connect-web", replica.httpUrl);
  });
  beforeEach(async () => {
    redis.open();
    person = await signUp(suite.stack);
  });
  after(async () => {
    await replica?.stop();
    await redis?.close();
    await suite?.close();
  });

  interface Try {
    readonly email?: string;
    readonly password?: string;
    readonly from?: string;
    readonly cookie?: string;
    readonly useCookie?: boolean;
  }

  const tryLogin = async ({ email, password, from, cookie, useCookie = false }: Try) => {
    const request = create(login.input, {
      email: email ?? person.email,
      password: password ?? "wrong-horse-1",
      useCookie,
    });
    const headers = {
      "x-forwarded-for": from ?? newAddress(),
      ...(cookie === undefined ? {} : { cookie }),
    };
    const { answer, refusal, headers: answered } = await caller.call(login, request, { headers });
    const device = answered.getSetCookie().find(each => each.startsWith("qc_device="));
    const outcome = answer === undefined ? refusal : (answer as LoginResponse).tokens && "signed in";
    return { outcome, device };
  };
  const outcomeOf = async (attempt: Try) => {
    const { outcome } = await tryLogin(attempt);
    return typeof outcome === "string" ? outcome : outcome?.reason;
  };
  const rightly = (attempt: Try = {}) => outcomeOf({ password: person.password, ...attempt });
  const failAll = async (times: number, attempt: Try = {}) => {
    const outcomes = await Promise.all(Array.from({ length: times }, () => outcomeOf(attempt)));
    return outcomes.filter(outcome => outcome === "FAIL_LOGIN").length;
  };
  /** Signs in as a browser does; returns the cookie by which the device is known. */
  const knownDevice = async (owner: Person) => {
    const { email, password } = owner;
    const { device = "" } = await tryLogin({ email, password, useCookie: true });
    return device.split("; ")[0] ?? "";
  };

  function newAddress(): string {
    lastAddress += 1;
    return `203.0.113.${lastAddress}`;
  }

  it("holds for one account and address, however many try at the same time", async () => {
    const from = newAddress();
    expect(await failAll(3 * failuresMax, { from })).to.equal(failuresMax);
    const { outcome } = await tryLogin({ from, password: person.password });
    expect(outcome).to.include({ code: "ResourceExhausted", reason: "RATE_LIMITED" });
    expect(outcome).to.have.property("retryAfterMs").that.is.within(1, 60_000);
    expect(await outcomeOf({ from, email: person.email.toUpperCase() })).to.equal("RATE_LIMITED");
    expect(await rightly()).to.equal("signed in");
    expect(await outcomeOf({ from, email: newEmail() })).to.equal("FAIL_LOGIN");
  });

  it("holds for an address without an account, too", async () => {
    const attempt = { from: newAddress(), email: newEmail() };
    expect(await failAll(failuresMax + 2, attempt)).to.equal(failuresMax);
  });

  it("does not count right passwords", async () => {
    const from = newAddress();
    await failAll(failuresMax - 1, { from });
    for (let index = 0; index < 3; index++) {
      expect(await rightly({ from })).to.equal("signed in");
    }
    expect(await failAll(3, { from })).to.equal(1);
  });

  it("has a ceiling for one account from all addresses, which a known device does not share", async () => {
    const cookie = await knownDevice(person);
    const guesses = Array.from({ length: accountFailuresMax + 5 }, () => outcomeOf({}));
    const wrong = (await Promise.all(guesses)).filter(outcome => outcome === "FAIL_LOGIN");
    expect(wrong).to.have.length(accountFailuresMax);
    expect(await rightly()).to.equal("RATE_LIMITED");
    expect(await rightly({ cookie })).to.equal("signed in");

    const other = await signUp(suite.stack);
    for (const foreign of [await knownDevice(other), `${cookie.slice(0, -4)}AAAA`, "qc_device="]) {
      expect(await rightly({ cookie: foreign })).to.equal("RATE_LIMITED");
    }
  });

  it("lets no one else keep out a known device at the same address", async () => {
    const cookie = await knownDevice(person);
    const from = newAddress();
    await failAll(failuresMax, { from });
    expect(await rightly({ from })).to.equal("RATE_LIMITED");
    expect(await rightly({ from, cookie })).to.equal("signed in");
  });

  it("counts the wrong passwords of a known device from all addresses, by itself", async () => {
    const cookie = await knownDevice(person);
    expect(await failAll(failuresMax + 5, { cookie })).to.equal(failuresMax);
    expect(await rightly({ cookie })).to.equal("RATE_LIMITED");
    expect(await rightly()).to.equal("signed in");
  });

  it("is strict in the process while Redis is unavailable", async () => {
    const cookie = await knownDevice(person);
    redis.shut();
    const from = newAddress();
    expect(await rightly({ from })).to.equal("signed in");
    expect(await failAll(failuresMax, { from })).to.equal(strictFailuresMax);
    expect(await rightly({ from })).to.equal("RATE_LIMITED");
    expect(await failAll(failuresMax, { cookie })).to.equal(strictFailuresMax);
  });

  it("knows a device by a cookie for more than a year that only sign-in gets", async () => {
    const { device } = await tryLogin({ password: person.password, useCookie: true });
    const parts = device?.split("; ");
    expect(parts).to.include.members([
      "HttpOnly",
      "SameSite=Strict",
      "Path=/questioncloud.user.v1.AuthService",
      `Max-Age=${400 * 86_400}`,
    ]);
    expect((await tryLogin({ password: person.password })).device).to.equal(undefined);
    expect((await tryLogin({ useCookie: true })).device).to.equal(undefined);
  });
});
