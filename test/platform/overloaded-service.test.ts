import { expect } from "chai";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { createLog } from "#kit/process/log.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { startProbeServer } from "#kit/process/probes.ts";
import { type GrpcServer, startGrpcServer } from "#kit/rpc/grpc/server.ts";
import type { Route } from "#kit/rpc/implement.ts";
import { admitCalls } from "#kit/rpc/interceptors/admit-calls.ts";
import { createPipeline } from "#kit/rpc/pipeline.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { bearer, type Caller, createCaller } from "../support/rpc/callers.ts";
import { until } from "../support/stack/until.ts";

const { listUserCoupons } = CouponService.method;
const host = "127.0.0.1";
const poolSize = 2;

describe("a service whose calls wait for its database", () => {
  const metrics = createMetrics("coupon");
  const log = createLog("coupon", "silent");
  let database: Database;
  let grpc: GrpcServer;
  let caller: Caller;
  let probeUrl: string;
  let closeProbes: () => void;
  let release: () => Promise<void>;
  let started = 0;

  before(async () => {
    const { COUPON_DATABASE_URL: url = "" } = await componentEnvironment("coupon");
    database = createDatabase({ url, poolSize });
    const block = await reservePorts({ base: 29_300, count: 2 });
    const [port = 0, probePort = 0] = block.ports;
    release = block.release;
    const handle = async () => {
      started += 1;
      await database.query("SELECT 1");
      return {};
    };
    const options = {
      verifyUserToken: async () => ({ kind: "user", userId: 7n, role: "USER" }) as const,
      verifyServiceToken: () => Promise.reject(new TypeError("no service calls")),
      limit: async () => {},
      admit: admitCalls({
        maxCalls: 1000,
        maxWaitMs: 50,
        connectionWaitedMs: database.connectionQueue.waitedMs,
        metrics,
      }),
      log,
      metrics,
    };
    const routes: Route[] = [{ method: listUserCoupons, handle }];
    const pipelineOf = (route: Route) => createPipeline(route, options);
    const listener = { reflection: false, maxConnectionAgeMs: 60_000, log, metrics };
    grpc = await startGrpcServer({ ...listener, routes, pipelineOf, host, port });
    const checkReady = database.requireWritable;
    closeProbes = await startProbeServer({ host, port: probePort, metrics, checkReady });
    probeUrl = `http://${host}:${probePort}`;
    caller = createCaller("grpc-js", `http://${host}:${port}`);
  });
  after(async () => {
    caller?.close();
    closeProbes?.();
    await grpc?.drain(1000);
    await database?.close();
    await release?.();
  });

  const call = async () =>
    (await caller.call(listUserCoupons, undefined, { headers: bearer("any") })).refusal;
  const refusals = async () => {
    const { values } = await metrics.callsOverloaded.get();
    return values.find(({ labels }) => labels.waits_for === "connection")?.value ?? 0;
  };

  it("refuses calls before they begin, stays ready, and answers all once it can", async () => {
    const held = Promise.withResolvers<void>();
    let holding = 0;
    const holders = Array.from({ length: poolSize }, () =>
      database.transaction(async tx => {
        await tx.query("SELECT 1");
        holding += 1;
        await held.promise;
      }),
    );
    await until(() => holding === poolSize, "all connections are in use");
    const outcomes: Promise<Awaited<ReturnType<typeof call>>>[] = [];
    await until(async () => {
      outcomes.push(call());
      return (await refusals()) > 0;
    }, "a call is refused");
    for (const path of ["/livez", "/readyz"]) {
      expect((await fetch(probeUrl + path)).status, path).to.equal(200);
    }
    held.resolve();
    await Promise.all(holders);
    const ended = await Promise.all(outcomes);
    const refused = ended.filter(refusal => refusal?.reason === "SERVICE_UNAVAILABLE");
    expect(refused[0]).to.include({ code: "Unavailable", retryAfterMs: 1000 });
    expect(started).to.equal(ended.length - refused.length);
    expect(started).to.be.at.least(10);
    const before = await refusals();
    for (let calls = 0; calls < 100; calls++) {
      expect(await call()).to.equal(undefined);
    }
    expect(await refusals()).to.equal(before);
  });
});
