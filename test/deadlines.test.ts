import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import {
  CouponAdminService,
  CouponService,
  type ListCouponsResponse,
} from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/pay_pb.ts";
import type { Stack } from "../dev/stack.ts";
import { start as startPay } from "../services/pay/main.ts";
import { bearer, type Caller, createCaller } from "./support/callers.ts";
import { createCouponShop } from "./support/coupons.ts";
import { signAccessToken } from "./support/forged-tokens.ts";
import { readMetric } from "./support/metrics.ts";
import { type Replica, startReplica, startReplicaHere } from "./support/replica.ts";
import { sharedStack } from "./support/stack.ts";
import { until } from "./support/until.ts";
import { startSilence, type Upstream } from "./support/upstreams.ts";

const callCount = "rpc_server_duration_seconds_count";
const mebibyte = 1024 * 1024;
const { endCoupon, listCoupons } = CouponAdminService.method;
const { listUserCoupons } = CouponService.method;
const { quotePurchase } = PaymentService.method;

describe("every call has an end", () => {
  let stack: Stack;
  let silence: Upstream;
  let coupon: Replica;
  let pay: Replica;
  let callers: { http: Caller; grpc: Caller };
  let headers: Record<string, string>;
  let adminToken: string;

  before(async () => {
    stack = await sharedStack();
    silence = await startSilence();
    const [silent] = silence.addresses.grpc;
    [coupon, pay] = await Promise.all([
      startReplica(stack, "coupon", { FAILPOINT: "EndCoupon.before:hang" }),
      startReplicaHere(stack, "pay", startPay, {
        QUESTION_GRPC_ADDRESSES: `${silent?.host}:${silent?.port}`,
      }),
    ]);
    callers = {
      http: createCaller("connect-web", coupon.httpUrl),
      grpc: createCaller("grpc-js", coupon.grpcUrl),
    };
    adminToken = await signAccessToken(stack, { userId: 9_400_000_000n, role: "ADMIN" });
    headers = bearer(adminToken);
  });
  after(async () => {
    callers?.grpc.close();
    await Promise.all([coupon, pay].map(replica => replica?.stop()));
    await silence?.stop();
  });

  const ending = create(endCoupon.input, { couponId: 1n, reason: "too many" });

  describe("in time", () => {
    it("the caller's deadline ends a call in Connect", async () => {
      const startMs = Date.now();
      const answer = await fetch(`${coupon.httpUrl}/${CouponAdminService.typeName}/EndCoupon`, {
        method: "POST",
        headers: {
          ...headers,
          "content-type": "application/json",
          "connect-protocol-version": "1",
          "connect-timeout-ms": "300",
        },
        body: JSON.stringify({ couponId: "1", reason: "too many" }),
      });
      expect(answer.status).to.equal(504);
      expect(await answer.json()).to.include({ code: "deadline_exceeded" });
      expect(Date.now() - startMs).to.be.within(290, 2500);
    });

    it("the caller's deadline ends a call in gRPC, at the server too", async () => {
      const { refusal } = await callers.grpc.call(endCoupon, ending, { headers, timeoutMs: 300 });
      expect(refusal?.code).to.equal("DeadlineExceeded");
      // Whether the server's clock or the client's hanging up comes first is chance.
      const ended = async (code: string) => {
        const labels = { method: `${CouponAdminService.typeName}/EndCoupon`, protocol: "grpc", code };
        return readMetric(coupon, callCount, labels);
      };
      await until(
        async () => (await ended("DEADLINE_EXCEEDED")) + (await ended("CANCELLED")) === 1,
        "the server has given up",
        2000,
      );
    });

    it("the deadline of the method ends it, whatever the caller asks for", async () => {
      const startMs = Date.now();
      const { refusal } = await callers.http.call(endCoupon, ending, { headers, timeoutMs: 60_000 });
      expect(refusal).to.include({ code: "DeadlineExceeded", reason: "DEADLINE_EXCEEDED" });
      expect(Date.now() - startMs).to.be.within(4900, 8000);
    });

    it("a neighbour is not waited for longer than the caller waits", async () => {
      const caller = createCaller("connect-web", pay.httpUrl);
      const request = create(quotePurchase.input, { basket: { lines: [{ questionId: 1n }] } });
      const startMs = Date.now();
      const { refusal } = await caller.call(quotePurchase, request, { headers, timeoutMs: 500 });
      expect(refusal?.code).to.equal("DeadlineExceeded");
      expect(Date.now() - startMs).to.be.below(2500);
      const labels = { method: `${PaymentService.typeName}/QuotePurchase`, code: "DEADLINE_EXCEEDED" };
      await until(async () => (await readMetric(pay, callCount, labels)) === 1, "the server has given up");
    });

    it("a call that comes too late is not begun", async () => {
      const answer = await fetch(`${coupon.httpUrl}/${CouponService.typeName}/ListUserCoupons`, {
        method: "POST",
        headers: {
          ...headers,
          "content-type": "application/json",
          "connect-protocol-version": "1",
          "connect-timeout-ms": "0",
        },
        body: "{}",
      });
      expect(await answer.json()).to.include({ code: "deadline_exceeded" });
    });
  });

  describe("in size", () => {
    const tooLarge = create(endCoupon.input, { couponId: 1n, reason: "x".repeat(mebibyte + 1) });

    it("a request over 1 MiB is refused at both listeners, and the next one is served", async () => {
      for (const caller of [callers.http, callers.grpc]) {
        const { refusal } = await caller.call(endCoupon, tooLarge, { headers });
        expect(refusal?.code).to.equal("ResourceExhausted");
        expect((await caller.call(listUserCoupons, undefined, { headers })).refusal).to.equal(undefined);
      }
    });

    it("64 MiB do not end up in memory", async () => {
      const memoryBytes = () => readMetric(coupon, "process_resident_memory_bytes");
      const send = async (mebibytes: number) => {
        const request = create(endCoupon.input, { couponId: 1n, reason: "x".repeat(mebibytes * mebibyte) });
        for (const caller of [callers.http, callers.grpc]) {
          const { refusal } = await caller.call(endCoupon, request, { headers });
          expect(refusal?.code).to.equal("ResourceExhausted");
          expect((await caller.call(listUserCoupons, undefined, { headers })).refusal).to.equal(undefined);
        }
      };
      // The first ones bring the heap to its size.
      await send(16);
      const before = await memoryBytes();
      await send(64);
      expect((await memoryBytes()) - before).to.be.below(48 * mebibyte);
    });

    it("a request that is no message is the caller's fault", async () => {
      const answer = await fetch(`${coupon.httpUrl}/${CouponService.typeName}/ListUserCoupons`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json", "connect-protocol-version": "1" },
        body: "{",
      });
      expect(answer.status).to.equal(400);
      expect(await answer.json()).to.include({ code: "invalid_argument" });
      const rawBytes = Buffer.from([0xff, 0xff]);
      const { refusal } = await callers.grpc.call(listUserCoupons, undefined, { headers, rawBytes });
      expect(refusal).to.include({ code: "InvalidArgument", reason: "BAD_REQUEST" });
    });

    it("a page has at most 100 rows", async () => {
      const shop = createCouponShop(stack, adminToken);
      await Promise.all(Array.from({ length: 101 }, () => shop.create()));
      for (const [pageSize, rows] of [
        [1_000_000, 100],
        [0, 20],
        [7, 7],
      ] as const) {
        const request = create(listCoupons.input, { pageSize });
        const { answer } = await callers.grpc.call(listCoupons, request, { headers });
        expect((answer as ListCouponsResponse).coupons).to.have.length(rows);
        expect((answer as ListCouponsResponse).nextPageToken).not.to.equal("");
      }
    });
  });
});
