import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { policyOf } from "#kit/contract/policy.ts";
import * as couponService from "#services/coupon/service.ts";
import { bearer, type Caller, createCaller } from "../support/rpc/callers.ts";
import { signAccessToken } from "../support/rpc/forged-tokens.ts";
import { type Replica, startReplicaHere } from "../support/stack/replica.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { startTcpGate, type TcpGate } from "../support/stack/tcp-gate.ts";
import { until } from "../support/stack/until.ts";

const { listUserCoupons } = CouponService.method;
const socketTimeoutMs = 9000;

describe("a service whose database falls silent while new connections work", () => {
  let stack: Stack;
  let gate: TcpGate;
  let coupon: Replica;
  let caller: Caller;
  let headers: Record<string, string>;

  before(async () => {
    stack = await sharedStack();
    const url = new URL(stack.env.COUPON_DATABASE_URL ?? "");
    gate = await startTcpGate(Number(url.port));
    url.port = String(gate.port);
    coupon = await startReplicaHere(stack, "coupon", couponService, {
      COUPON_DATABASE_URL: url.toString(),
      COUPON_DATABASE_SOCKET_TIMEOUT_MS: String(socketTimeoutMs),
    });
    caller = createCaller("grpc-js", coupon.grpcUrl);
    headers = bearer(await signAccessToken(stack, { userId: 9_700_000_000n }));
  });
  after(async () => {
    caller?.close();
    await coupon?.stop();
    await gate?.close();
  });

  const calls = () =>
    Promise.all(
      Array.from({ length: 8 }, async () => {
        const startMs = performance.now();
        const { refusal } = await caller.call(listUserCoupons, undefined, { headers });
        return { reason: refusal?.reason, durationMs: performance.now() - startMs };
      }),
    );

  it("ends calls at their deadlines, stays live, and recovers without a restart", async () => {
    expect(new Set((await calls()).map(({ reason }) => reason))).to.deep.equal(new Set([undefined]));
    gate.mute();
    const mutedMs = performance.now();
    const { deadlineMs } = policyOf(listUserCoupons);
    const ended = await calls();
    for (const { reason, durationMs } of ended) {
      // A call for which the pool opened another connection is answered.
      expect(reason).to.be.oneOf(["DEADLINE_EXCEEDED", "SERVICE_UNAVAILABLE", undefined]);
      expect(durationMs).to.be.below(deadlineMs + 5000);
    }
    expect(ended.some(({ reason }) => reason !== undefined)).to.equal(true);
    expect((await fetch(`${coupon.probeUrl}/livez`)).status).to.equal(200);
    await until(
      async () => (await calls()).every(({ reason }) => reason === undefined),
      "calls succeed again",
    );
    expect(performance.now() - mutedMs).to.be.below(4 * socketTimeoutMs);
    expect((await fetch(`${coupon.probeUrl}/readyz`)).status).to.equal(200);
  });
});
