import { create, type DescMethod } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import {
  CouponAdminService,
  type ListCouponsResponse,
} from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { methodName } from "#kit/contract/policy.ts";
import * as payService from "#services/pay/service.ts";
import { createCouponShop } from "../support/market/coupons.ts";
import { signUpAdmin } from "../support/market/people.ts";
import { bearer, type Caller, createCaller } from "../support/rpc/callers.ts";
import { countCalls, readMetric } from "../support/stack/metrics.ts";
import { type Replica, startReplica, startReplicaHere } from "../support/stack/replica.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";
import { startSilentUpstream, type Upstream } from "../support/stack/upstreams.ts";

const mebibyte = 1024 * 1024;
const { endCoupon, listCoupons } = CouponAdminService.method;
const { listUserCoupons } = CouponService.method;
const { quotePurchase } = PaymentService.method;

describe("deadlines and size limits of calls", () => {
  let stack: Stack;
  let silentUpstream: Upstream;
  let coupon: Replica;
  let pay: Replica;
  let callers: { http: Caller; grpc: Caller };
  let headers: Record<string, string>;
  let adminToken: string;

  before(async () => {
    stack = await sharedStack();
    silentUpstream = await startSilentUpstream();
    const [silent] = silentUpstream.addresses.grpc;
    [coupon, pay] = await Promise.all([
      startReplica(stack, "coupon", { FAILPOINT: "EndCoupon.before:hang" }),
      startReplicaHere(stack, "pay", payService, {
        QUESTION_GRPC_ADDRESSES: `${silent?.host}:${silent?.port}`,
      }),
    ]);
    callers = {
      http: createCaller("connect-web", coupon.httpUrl),
      grpc: createCaller("grpc-js", coupon.grpcUrl),
    };
    ({ token: adminToken } = await signUpAdmin(stack));
    headers = bearer(adminToken);
  });
  after(async () => {
    callers?.grpc.close();
    await Promise.all([coupon, pay].map(replica => replica?.stop()));
    await silentUpstream?.stop();
  });

  /** A call in Connect by a caller who tells a deadline, and waits for the answer for all that. */
  const post = (url: string, method: DescMethod, body: string, timeoutMs?: number) =>
    fetch(`${url}/${methodName(method)}`, {
      method: "POST",
      headers: {
        ...headers,
        "content-type": "application/json",
        "connect-protocol-version": "1",
        ...(timeoutMs === undefined ? {} : { "connect-timeout-ms": `${timeoutMs}` }),
      },
      body,
    });
  /** The answer to a call with a deadline, if it comes before that of a call that leaves it to the method. */
  async function answerBeforeDefault(url: string, method: DescMethod, body: string, timeoutMs: number) {
    const patient = post(url, method, body).then(
      () => undefined,
      () => undefined,
    );
    return Promise.race([patient, post(url, method, body, timeoutMs)]);
  }

  const ending = create(endCoupon.input, { couponId: 1n, reason: "too many" });

  describe("deadlines", () => {
    it("the caller's deadline ends a call in Connect", async () => {
      const body = JSON.stringify({ couponId: "1", reason: "too many" });
      const startMs = Date.now();
      const answer = await answerBeforeDefault(coupon.httpUrl, endCoupon, body, 300);
      expect(Date.now() - startMs).to.be.at.least(290);
      expect(answer?.status).to.equal(504);
      expect(await answer?.json()).to.include({ code: "deadline_exceeded" });
    });

    it("the caller's deadline ends a call in gRPC, at the server too", async () => {
      // The call reaches the server before its deadline, over a connection that there is.
      await callers.grpc.call(listUserCoupons, undefined, { headers });
      const { refusal } = await callers.grpc.call(endCoupon, ending, { headers, timeoutMs: 2000 });
      expect(refusal?.code).to.equal("DeadlineExceeded");
      // Either the server's timer or the cancellation by the client comes first.
      const ended = async (code: string) => {
        const labels = { method: `${CouponAdminService.typeName}/EndCoupon`, protocol: "grpc", code };
        return countCalls(coupon, labels);
      };
      await until(
        async () => (await ended("DEADLINE_EXCEEDED")) + (await ended("CANCELLED")) === 1,
        "the server has given up",
      );
    });

    it("the deadline of the method ends a call, whatever deadline the caller sets", async () => {
      const startMs = Date.now();
      const { refusal } = await callers.http.call(endCoupon, ending, { headers, timeoutMs: 60_000 });
      expect(refusal).to.include({ code: "DeadlineExceeded", reason: "DEADLINE_EXCEEDED" });
      expect(Date.now() - startMs).to.be.within(4900, 30_000);
    });

    it("a call to another service ends with the caller's deadline", async () => {
      const body = JSON.stringify({ basket: { lines: [{ questionId: "1" }] } });
      const answer = await answerBeforeDefault(pay.httpUrl, quotePurchase, body, 500);
      expect(await answer?.json()).to.include({ code: "deadline_exceeded" });
      const labels = { method: `${PaymentService.typeName}/QuotePurchase`, code: "DEADLINE_EXCEEDED" };
      await until(async () => (await countCalls(pay, labels)) > 0, "the server has given up");
    });

    it("a call whose deadline has passed is not started", async () => {
      const answer = await post(coupon.httpUrl, listUserCoupons, "{}", 0);
      expect(await answer.json()).to.include({ code: "deadline_exceeded" });
    });
  });

  describe("size limits", () => {
    const tooLarge = create(endCoupon.input, { couponId: 1n, reason: "x".repeat(mebibyte + 1) });

    it("a request over 1 MiB is refused at both listeners, and the next one is served", async () => {
      for (const caller of [callers.http, callers.grpc]) {
        const { refusal } = await caller.call(endCoupon, tooLarge, { headers });
        expect(refusal?.code).to.equal("ResourceExhausted");
        expect((await caller.call(listUserCoupons, undefined, { headers })).refusal).to.equal(undefined);
      }
    });

    it("a request of 64 MiB is not read into memory", async () => {
      const memoryBytes = () => readMetric(coupon, "process_resident_memory_bytes");
      const send = async (mebibytes: number) => {
        const request = create(endCoupon.input, { couponId: 1n, reason: "x".repeat(mebibytes * mebibyte) });
        for (const caller of [callers.http, callers.grpc]) {
          const { refusal } = await caller.call(endCoupon, request, { headers });
          expect(refusal?.code).to.equal("ResourceExhausted");
          // Behind the rest of the body, which may take a busy machine longer than this call's deadline.
          const isServed = async () =>
            (await caller.call(listUserCoupons, undefined, { headers })).refusal === undefined;
          await until(isServed, "the next call is served");
        }
      };
      // The first requests, as many bytes in all as the one that is measured, grow the heap to its usual size.
      for (let part = 0; part < 4; part++) {
        await send(16);
      }
      const before = await memoryBytes();
      await send(64);
      expect((await memoryBytes()) - before).to.be.below(48 * mebibyte);
    });

    it("a malformed request is refused as BAD_REQUEST", async () => {
      const answer = await post(coupon.httpUrl, listUserCoupons, "{");
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
