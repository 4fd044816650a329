import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DescMethodUnary } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { JWK } from "jose";
import type { Stack } from "#dev/stack/stack.ts";
import { readEnvoyOptions } from "#gateway/config.ts";
import { defaultRates } from "#gateway/envoy/options.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { CouponHoldService } from "#gen/questioncloud/coupon/v1/internal_coupon_hold_pb.ts";
import { createServiceClient } from "#kit/rpc/client/service-client.ts";
import { createServiceTokenSigner } from "#kit/rpc/tokens/service-token.ts";
import { bearer, type CallerKind, createCaller } from "../support/rpc/callers.ts";
import { onBehalfOf, reasonOf } from "../support/rpc/clients.ts";
import { signAccessToken } from "../support/rpc/forged-tokens.ts";
import { countCalls } from "../support/stack/metrics.ts";
import { type OwnGateway, startOwnGateway } from "../support/stack/own-gateway.ts";
import { type ReplicaProcess, startReplica } from "../support/stack/replica.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { type LoadResult, startLoad } from "../support/stack/steady-load.ts";
import { until } from "../support/stack/until.ts";

const { listUserCoupons } = CouponService.method;

// A steady rate leaves processor time for the replicas that are starting.
const pauseMs = 5;
const drainLimitMs = 30_000;

describe("a rolling restart of a service with two replicas", () => {
  let stack: Stack;
  let replicas: ReplicaProcess[];
  let gateway: OwnGateway;
  let headers: Record<string, string>;
  const userId = 9_600_000_000n;

  before(async () => {
    stack = await sharedStack();
    const env = { DRAIN_LIMIT_MS: String(drainLimitMs) };
    replicas = await Promise.all([1, 2].map(() => startReplica(stack, "coupon", env)));
    const { services } = readEnvoyOptions(stack.env);
    const at = (port: number) => ({ host: "127.0.0.1", port });
    const coupon = {
      grpc: replicas.map(({ grpcPort }) => at(grpcPort)),
      http: replicas.map(({ httpUrl }) => at(Number(new URL(httpUrl).port))),
    };
    const rates = { ...defaultRates, read: { requests: 1_000_000, perSeconds: 10 } };
    gateway = await startOwnGateway(stack, { services: { ...services, coupon }, rates });
    headers = bearer(await signAccessToken(stack, { userId }));
  });
  after(async () => {
    await gateway?.stop();
    await Promise.all((replicas ?? []).map(replica => replica.stop()));
  });

  function throughGateway(kind: CallerKind, method: DescMethodUnary) {
    const caller = createCaller(kind, gateway.url);
    return async () => {
      const { refusal } = await caller.call(method, undefined, { headers });
      return refusal && `${kind}: ${refusal.code} ${refusal.reason} ${refusal.text}`;
    };
  }

  /** True if calls arrive from the gateway, at both listeners, and from a service. */
  async function isCalled(replica: ReplicaProcess): Promise<boolean> {
    const sources = [
      { method: "CouponService/ListUserCoupons", protocol: "connect" },
      { method: "CouponService/ListUserCoupons", protocol: "grpc" },
      { method: "CouponHoldService/GetCouponTerms", protocol: "grpc" },
    ];
    const counts = await Promise.all(
      sources.map(({ method, protocol }) =>
        countCalls(replica, { method: `questioncloud.coupon.v1.${method}`, protocol }),
      ),
    );
    const ports = [replica.grpcPort, Number(new URL(replica.httpUrl).port)];
    return counts.every(count => count > 0) && gateway.uses(ports);
  }

  it("fails no idempotent call", async () => {
    const key = JSON.parse(readFileSync(join(stack.dir, "keys/pay.jwk"), "utf8")) as JWK;
    const service = createServiceClient(CouponHoldService, {
      name: "coupon",
      addresses: replicas.map(({ grpcPort }) => `127.0.0.1:${grpcPort}`),
      sign: await createServiceTokenSigner("pay", key),
    });
    const fromService = async () => {
      const terms = service.getCouponTerms({ userCouponIds: [1n] }, onBehalfOf(userId));
      const reason = await terms.then(() => undefined, reasonOf);
      return reason === "WRONG_COUPON" ? undefined : `from a service: ${reason}`;
    };
    const loads = [
      startLoad(pauseMs, throughGateway("connect-web", listUserCoupons)),
      startLoad(pauseMs, throughGateway("connect-web GET", listUserCoupons)),
      startLoad(pauseMs, throughGateway("grpc-js", listUserCoupons)),
      startLoad(pauseMs, fromService),
    ];
    const drainsMs: number[] = [];
    let results: LoadResult[] = [];
    try {
      for (const replica of replicas) {
        const startMs = Date.now();
        await replica.process.stop();
        drainsMs.push(Date.now() - startMs);
        await replica.process.start();
        await until(() => isCalled(replica), "all clients use the replica again");
      }
    } finally {
      results = await Promise.all(loads.map(end => end()));
    }
    service.close();
    expect(results.flatMap(({ failures }) => failures)).to.deep.equal([]);
    for (const { calls } of results) {
      expect(calls).to.be.greaterThan(20);
    }
    // Idle connections must not delay the exit of a replica until the limit.
    for (const drainMs of drainsMs) {
      expect(drainMs).to.be.below(drainLimitMs / 2);
    }
  });
});
