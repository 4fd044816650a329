import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import * as couponService from "#services/coupon/service.ts";
import * as userService from "#services/user/service.ts";
import { bearer, type Caller, createCaller, type Outcome } from "../support/rpc/callers.ts";
import { signAccessToken } from "../support/rpc/forged-tokens.ts";
import { type Replica, startReplicaHere } from "../support/stack/replica.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { startTcpGate, type TcpGate } from "../support/stack/tcp-gate.ts";
import { until } from "../support/stack/until.ts";

const readsPerMinute = 5;
const strictPerMinute = 2;
const { listUserCoupons, registerCoupon } = CouponService.method;
const { logout } = AuthService.method;
const { registerUser, resendActivationMail } = RegistrationService.method;
const unknownRegistrationId = randomUUID();

describe("rate limits", () => {
  let stack: Stack;
  let redis: TcpGate;
  let replicas: Replica[];
  let coupon: { http: Caller; grpc: Caller };
  let user: Caller;
  let lastUserId = 9_300_000_000n;

  before(async () => {
    stack = await sharedStack();
    const redisUrl = new URL(stack.redis.url);
    redis = await startTcpGate(Number(redisUrl.port));
    redisUrl.port = String(redis.port);
    redisUrl.pathname = "/9";
    const env = {
      REDIS_URL: redisUrl.toString(),
      RATE_READ_PER_MINUTE: String(readsPerMinute),
      RATE_WRITE_PER_MINUTE: "3",
      RATE_SECRET_PER_MINUTE: String(strictPerMinute * 4),
      RATE_MAIL_PER_MINUTE: String(strictPerMinute * 4),
      USER_REGISTRATIONS_PER_HOUR: String(strictPerMinute),
    };
    replicas = await Promise.all([
      startReplicaHere(stack, "coupon", couponService, env),
      startReplicaHere(stack, "user", userService, env),
    ]);
    const [ofCoupon, ofUser] = replicas;
    coupon = {
      http: createCaller("connect-web", ofCoupon?.httpUrl ?? ""),
      grpc: createCaller("grpc-js", ofCoupon?.grpcUrl ?? ""),
    };
    user = createCaller("connect-web", ofUser?.httpUrl ?? "");
  });
  beforeEach(() => redis.open());
  after(async () => {
    coupon?.grpc.close();
    await Promise.all((replicas ?? []).map(replica => replica.stop()));
    await redis?.close();
  });

  /** A user who has not made any call. */
  async function newUser() {
    lastUserId += 1n;
    const userId = lastUserId;
    return { userId, headers: bearer(await signAccessToken(stack, { userId })) };
  }
  const guess = (headers: Record<string, string>) =>
    coupon.http.call(registerCoupon, create(registerCoupon.input, { code: "NO-SUCH-CODE" }), { headers });
  const leave = (forwardedFor: string) =>
    user.call(logout, undefined, { headers: { "x-forwarded-for": forwardedFor } });
  const askForMail = (address: string) =>
    user.call(
      resendActivationMail,
      create(resendActivationMail.input, { registrationId: unknownRegistrationId }),
      {
        headers: { "x-forwarded-for": address },
      },
    );

  it("are counted per user, for both listeners together", async () => {
    const { userId, headers } = await newUser();
    for (let call = 0; call < readsPerMinute; call++) {
      const caller = call % 2 === 0 ? coupon.http : coupon.grpc;
      expect((await caller.call(listUserCoupons, undefined, { headers })).refusal).to.equal(undefined);
    }
    for (const caller of [coupon.http, coupon.grpc]) {
      expectLimited(await caller.call(listUserCoupons, undefined, { headers }));
    }
    const fresh = bearer(await signAccessToken(stack, { userId }));
    expectLimited(await coupon.http.call(listUserCoupons, undefined, { headers: fresh }));
    const elsewhere = { ...fresh, "x-forwarded-for": "203.0.113.77" };
    expectLimited(await coupon.http.call(listUserCoupons, undefined, { headers: elsewhere }));
  });

  it("are counted separately for each user and rate class", async () => {
    const [one, other] = [await newUser(), await newUser()];
    for (let call = 0; call <= readsPerMinute; call++) {
      await coupon.http.call(listUserCoupons, undefined, { headers: one.headers });
    }
    expectLimited(await coupon.http.call(listUserCoupons, undefined, { headers: one.headers }));
    expect((await guess(one.headers)).refusal?.reason).to.equal("NOT_FOUND");
    const answer = await coupon.http.call(listUserCoupons, undefined, { headers: other.headers });
    expect(answer.refusal).to.equal(undefined);
  });

  it("are counted for users who call at the same time, each to the limit", async () => {
    const users = await Promise.all(Array.from({ length: 6 }, newUser));
    const calls = users.flatMap(({ headers }) =>
      Array.from({ length: readsPerMinute + 1 }, () =>
        coupon.http.call(listUserCoupons, undefined, { headers }),
      ),
    );
    const refused = (await Promise.all(calls)).filter(({ refusal }) => refusal !== undefined);
    expect(refused).to.have.length(users.length);
    refused.forEach(expectLimited);
  });

  it("are counted per client address that the gateway saw if there is no user", async () => {
    for (let call = 0; call < 3; call++) {
      expect((await leave(`198.51.100.${call}, 203.0.113.1`)).refusal).to.equal(undefined);
    }
    expectLimited(await leave("203.0.113.1"));
    expectLimited(await leave("203.0.113.2, 203.0.113.1"));
    expect((await leave("203.0.113.1, 203.0.113.2")).refusal).to.equal(undefined);
  });

  it("are counted per client for registrations of one e-mail address", async () => {
    const register = (email: string, forwardedFor: string) =>
      user.call(
        registerUser,
        create(registerUser.input, {
          email,
          password: "correct-horse-1",
          name: "수험생",
          phone: "01012345678",
        }),
        { headers: { "x-forwarded-for": forwardedFor } },
      );
    const email = `${randomUUID()}@example.com`;
    for (let call = 0; call < strictPerMinute; call++) {
      expect((await register(email, "203.0.113.4")).refusal).to.equal(undefined);
    }
    expectLimited(await register(email.toUpperCase(), "203.0.113.4"));
    expect((await register(`other.${email}`, "203.0.113.4")).refusal).to.equal(undefined);
    expect((await register(email, "203.0.113.5")).refusal).to.equal(undefined);
  });

  it("let reads pass while Redis is unavailable, and are stricter for secrets and mails", async () => {
    const { headers } = await newUser();
    redis.shut();
    for (let call = 0; call < 3 * readsPerMinute; call++) {
      const { refusal } = await coupon.http.call(listUserCoupons, undefined, { headers });
      expect(refusal).to.equal(undefined);
    }
    for (let call = 0; call < strictPerMinute; call++) {
      expect((await guess(headers)).refusal?.reason).to.equal("NOT_FOUND");
      expect((await askForMail("203.0.113.3")).refusal).to.equal(undefined);
    }
    expectLimited(await guess(headers));
    expectLimited(await askForMail("203.0.113.3"));
    expect((await askForMail("203.0.113.4")).refusal).to.equal(undefined);
    expect((await guess((await newUser()).headers)).refusal?.reason).to.equal("NOT_FOUND");
  });

  it("apply again as soon as Redis is available", async () => {
    const { headers } = await newUser();
    redis.shut();
    expect((await coupon.http.call(listUserCoupons, undefined, { headers })).refusal).to.equal(undefined);
    redis.open();
    const limited = await until(async () => {
      const { refusal } = await coupon.http.call(listUserCoupons, undefined, { headers });
      return refusal;
    }, "a read is refused again");
    expect(limited.reason).to.equal("RATE_LIMITED");
  });
});

function expectLimited({ refusal }: Outcome): void {
  expect(refusal).to.include({ code: "ResourceExhausted", reason: "RATE_LIMITED" });
  expect(refusal?.retryAfterMs).to.be.within(1, 3_600_000);
}
