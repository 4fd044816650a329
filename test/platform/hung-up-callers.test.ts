import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import { expect } from "chai";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { createLog } from "#kit/process/log.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { type GrpcServer, startGrpcServer } from "#kit/rpc/grpc/server.ts";
import { type HttpServer, startHttpServer } from "#kit/rpc/http/server.ts";
import type { Route } from "#kit/rpc/implement.ts";
import { admitCalls } from "#kit/rpc/interceptors/admit-calls.ts";
import { createPipeline } from "#kit/rpc/pipeline.ts";
import { frame, validMessage } from "../support/rpc/malformed/call.ts";
import { until } from "../support/stack/until.ts";

const { listUserCoupons: method } = CouponService.method;
const path = `/${method.parent.typeName}/${method.name}`;
const host = "127.0.0.1";
const json = { authorization: "Bearer x", "content-type": "application/json" };

describe("a caller who is gone before its request is read", () => {
  let http: HttpServer;
  let grpc: GrpcServer;
  let ports: readonly number[];
  let release: () => Promise<void>;
  let checked = 0;
  let check = Promise.withResolvers<void>();

  const metrics = createMetrics("coupon");
  const cancelled = async () =>
    (await metrics.calls.get()).values
      .filter(
        ({ metricName, labels }) =>
          /_count$/.test(metricName ?? "") && labels.rpc_status_code === "CANCELLED",
      )
      .reduce((sum, { value }) => sum + value, 0);

  before(async () => {
    ({ ports, release } = await reservePorts({ base: 29_340, count: 2 }));
    const [httpPort = 0, grpcPort = 0] = ports;
    const log = createLog("coupon", "silent");
    const options = {
      verifyUserToken: async () => ({ kind: "user", userId: 7n, role: "USER" }) as const,
      verifyServiceToken: () => Promise.reject(new TypeError("no service calls")),
      limit: () => {
        checked += 1;
        return check.promise;
      },
      // One, so that a call that is not over keeps the next one out.
      admit: admitCalls({ maxCalls: 1, maxWaitMs: 60_000, connectionWaitedMs: () => 0, metrics }),
      log,
      metrics,
    };
    const routes: Route[] = [{ method, handle: async () => ({}) }];
    const listener = {
      routes,
      host,
      log,
      metrics,
      pipelineOf: (route: Route) => createPipeline(route, options),
    };
    http = await startHttpServer({ ...listener, port: httpPort, httpRoutes: [] });
    grpc = await startGrpcServer({
      ...listener,
      port: grpcPort,
      reflection: false,
      maxConnectionAgeMs: 60_000,
    });
  });
  after(async () => {
    await Promise.all([http?.drain(1000), grpc?.drain(1000)]);
    await release?.();
  });
  beforeEach(() => {
    checked = 0;
    check = Promise.withResolvers<void>();
  });

  /** Opens a call by gRPC; returns what hangs up. */
  function callByGrpc(body: Buffer, headers: Record<string, string> = {}): () => void {
    const session = connectHttp2(`http://${host}:${ports[1]}`);
    const grpcHeaders = { ":method": "POST", ":path": path, "content-type": "application/grpc" };
    const stream = session.request({ ...grpcHeaders, authorization: "Bearer x", te: "trailers", ...headers });
    stream.on("error", () => {}).resume();
    stream.write(body);
    return () => session.destroy();
  }

  /** Opens a call as JSON; returns what hangs up. */
  function callByHttp(length: number, headers = ""): () => void {
    const socket = connectTcp(ports[0] ?? 0, host);
    socket.on("error", () => {}).resume();
    const fields = Object.entries(json).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST ${path} HTTP/1.1\r\nhost: a\r\n${fields.join("")}${headers}`);
    socket.write(`content-length: ${length}\r\n\r\n{}`);
    return () => socket.destroy();
  }

  const untilAnswered = async () => {
    const answered = async () =>
      (await fetch(`http://${host}:${ports[0]}${path}`, { method: "POST", headers: json, body: "{}" })).ok;
    await until(answered, "the next call is answered");
    expect(checked).to.be.above(1);
  };

  for (const [protocol, call] of [
    ["gRPC", () => callByGrpc(frame(validMessage))],
    ["JSON", () => callByHttp(2)],
  ] as const) {
    it(`by ${protocol}, while it is checked, keeps no other out`, async () => {
      const hangUp = call();
      await until(() => checked === 1, "it is checked");
      const before = await cancelled();
      hangUp();
      await until(async () => (await cancelled()) > before, "it is known that the caller is gone");
      check.resolve();
      await untilAnswered();
    });
  }

  for (const [protocol, call] of [
    ["gRPC", () => callByGrpc(Buffer.alloc(3), { "grpc-timeout": "500m" })],
    ["JSON", () => callByHttp(20, "connect-timeout-ms: 500\r\n")],
  ] as const) {
    it(`by ${protocol}, by its deadline, keeps no other out though its connection stays open`, async () => {
      check.resolve();
      const hangUp = call();
      await until(() => checked === 1, "it is checked");
      await untilAnswered();
      hangUp();
    });
  }
});
