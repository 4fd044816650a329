import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { ServerCredentials } from "@grpc/grpc-js";
import { type Logger, pino } from "pino";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import type { ServiceAddresses } from "#gateway/envoy/options.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { protoServices } from "#kit/contract/contracts.ts";
import { Failure } from "#kit/contract/failure.ts";
import { policyOf } from "#kit/contract/policy.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { startGrpcServer } from "#kit/rpc/grpc/server.ts";
import type { HttpRoute } from "#kit/rpc/http/routes.ts";
import { startHttpServer } from "#kit/rpc/http/server.ts";
import { implement, type Route } from "#kit/rpc/implement.ts";
import { admitCalls } from "#kit/rpc/interceptors/admit-calls.ts";
import { createPipeline } from "#kit/rpc/pipeline.ts";
import { serviceTokenHeader } from "#kit/rpc/tokens/service-token.ts";
import { bearer } from "./callers.ts";
import { callHttp1, callHttp2, type RawAnswer, type RawCall } from "./raw-calls.ts";

/** Both listeners of a service that has no stores and serves every method; its handlers answer at once. */
export interface Listeners {
  readonly httpUrl: string;
  readonly grpcUrl: string;
  /** Calls the http listener with a token. */
  http(call: RawCall): Promise<RawAnswer>;
  /** Calls the grpc listener with a token. */
  grpc(call: RawCall): Promise<RawAnswer>;
  readonly addresses: ServiceAddresses;
  /** The lines that are logged about a request. */
  linesOf(requestId: string): Record<string, unknown>[];
  /** The lines about calls that failed by a fault of the service. */
  faults(): Record<string, unknown>[];
  /** How many calls and requests are counted. */
  countCalls(): Promise<number>;
  stop(): Promise<void>;
}

/** Answers `remaining ms` as page token. */
const coupons = implement(CouponService, {
  listUserCoupons: async (_request, { deadlineMs }) => ({ nextPageToken: `${deadlineMs - Date.now()}` }),
  registerCoupon: ({ code }, { signal }) => (scenarios[code] ?? (async () => ({})))(signal),
});

/** What a handler does, by the coupon code in the request. */
const scenarios: Readonly<Record<string, (signal: AbortSignal) => Promise<Record<string, never>>>> = {
  async REFUSE() {
    throw new Failure(Reason.NOT_ENOUGH_POINT, {
      metadata: { available_points: "10", note: '두 줄\n"%2F"' },
      violations: [{ field: "code", description: "as the handler says" }],
      retryAfterMs: 1500,
    });
  },
  async FAIL() {
    throw new TypeError("nothing of this is for callers");
  },
  WAIT: signal =>
    new Promise((_, reject) => {
      waiting += 1;
      signal.addEventListener("abort", () => {
        waiting -= 1;
        reject(signal.reason);
      });
    }),
};

let waiting = 0;

/** How many handlers wait until their call ends. */
export const waitingHandlers = (): number => waiting;

const served = new Set(coupons.routes.map(({ method }) => method.parent.typeName));

/** All other methods, which answer nothing. */
const others: Route[] = protoServices
  .filter(({ typeName }) => !served.has(typeName))
  .flatMap(({ methods }) => methods)
  .map(method => ({
    method: method as DescMethodUnary,
    handle: async (_request, { caller }) =>
      caller.kind === "user" && caller.userId === unluckyUserId ? unencodable : {},
  }));

const unluckyUserId = 13n;
/** The token of a user whom handlers answer what cannot be encoded, where the answer has an unread count. */
export const unluckyToken = "unlucky";
const unencodable = { unreadCount: 0.5 };

/** Headers with which the listeners let a call of a method in. */
export function callerHeaders(method: DescMethodUnary): Record<string, string> {
  const { access, callers } = policyOf(method);
  return access === Access.INTERNAL ? { [serviceTokenHeader]: callers[0] ?? "" } : bearer(adminToken);
}

const adminToken = "admin";

const keys: HttpRoute = {
  method: "GET",
  path: "/.well-known/jwks.json",
  handle: async (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  },
};

const broken: HttpRoute = {
  method: "POST",
  path: "/webhooks/{psp}",
  handle: async () => {
    throw new Error("broken");
  },
};

interface ListenerOptions {
  readonly host?: string;
  readonly credentials?: ServerCredentials;
  readonly maxConnectionAgeMs?: number;
}

/** Starts both listeners, for callers with any token; the options are those of the grpc listener. */
export async function startListeners(options: ListenerOptions = {}): Promise<Listeners> {
  const block = await reservePorts({ base: 29_300, count: 2 });
  const [httpPort = 0, grpcPort = 0] = block.ports;
  const lines: Record<string, unknown>[] = [];
  const log: Logger = pino({ level: "debug" }, { write: line => lines.push(JSON.parse(line)) });
  const metrics = createMetrics("coupon");
  const pipelineOf = (route: Route) =>
    createPipeline(route, {
      log,
      metrics,
      limit: async () => {},
      admit: admitCalls({ maxCalls: 1000, maxWaitMs: 60_000, connectionWaitedMs: () => 0, metrics }),
      verifyUserToken: async token => ({
        kind: "user",
        userId: token === unluckyToken ? unluckyUserId : 7n,
        role: token === adminToken ? "ADMIN" : "USER",
      }),
      isAdministrator: async () => true,
      verifyServiceToken: async service => ({ kind: "service", service, userId: 7n }),
    });
  const common = { routes: [...coupons.routes, ...others], pipelineOf, host: "127.0.0.1", log, metrics };
  const http = await startHttpServer({ ...common, httpRoutes: [keys, broken], port: httpPort });
  const grpc = await startGrpcServer({
    ...common,
    port: grpcPort,
    reflection: true,
    maxConnectionAgeMs: 60_000,
    ...options,
  });
  const at = (port: number) => [{ host: "127.0.0.1", port }];
  const httpUrl = `http://127.0.0.1:${httpPort}`;
  const grpcUrl = `http://127.0.0.1:${grpcPort}`;
  const withToken = (call: RawCall) => ({
    ...call,
    headers: { authorization: "Bearer x", ...call.headers },
  });
  return {
    httpUrl,
    grpcUrl,
    http: call => callHttp1(httpUrl, withToken(call)),
    grpc: call => callHttp2(grpcUrl, withToken(call)),
    addresses: { http: at(httpPort), grpc: at(grpcPort) },
    linesOf: requestId => lines.filter(line => line.requestId === requestId),
    faults: () => lines.filter(line => Number(line.level) >= 50),
    async countCalls() {
      const text = await metrics.scrape();
      return [...text.matchAll(/^(?:rpc|http)_server_\w+_duration_seconds_count\S* (\d+)$/gm)].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      );
    },
    async stop() {
      await Promise.all([http.drain(1000), grpc.drain(1000)]);
      await block.release();
    },
  };
}
