import { createServer as createHttp } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { type AddressInfo, createServer as createTcp } from "node:net";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { generateKeyPair, SignJWT } from "jose";
import { createRedis } from "#kit/data/redis.ts";
import { createLog } from "#kit/process/log.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { withServiceName } from "#kit/process/telemetry.ts";
import type { IncomingCall } from "#kit/rpc/call.ts";
import { startGrpcServer } from "#kit/rpc/grpc/server.ts";
import { startHttpServer } from "#kit/rpc/http/server.ts";
import type { Route } from "#kit/rpc/implement.ts";
import { admitCalls } from "#kit/rpc/interceptors/admit-calls.ts";
import { createPipeline, type Pipeline } from "#kit/rpc/pipeline.ts";
import { createRateLimiter } from "#kit/rpc/rate-limits.ts";
import { createUserTokenVerifier } from "#kit/rpc/tokens/user-token.ts";
import { createReply, method, path } from "./method.ts";

// Serves one method in one of several ways, and tells its parent the ports and a token: node serve.ts <way> <items>
// [<url of Redis>]. The reply is encoded for each call, and the request decoded.
const [way = "", items = "1", redisUrl = ""] = process.argv.slice(2);
const reply = createReply(Number(items));
const host = "127.0.0.1";
const issuer = "https://issuer.example";
const audience = "bench";

const ways: Readonly<Record<string, () => Promise<{ grpc: number; http: number; token?: string }>>> = {
  http2: serveHttp2,
  connect: serveConnect,
  "grpc-js": serveGrpcJs,
  transport: () => serveOurs(() => transportOnly),
  "transport-token": serveTransportToken,
  whole: serveWhole,
};
// A profile that Node.js takes is written at the exit.
process.once("SIGINT", () => process.exit(0));
process.stdout.write(`${JSON.stringify(await ways[way]?.())}\n`);

/** The least that answers a call: no method, no headers, no decoding. */
async function serveHttp2() {
  const message = toBinary(method.output, reply);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.byteLength, 1);
  const body = Buffer.concat([head, message]);
  const server = createHttp2();
  server.on("stream", stream => {
    stream.respond({ ":status": 200, "content-type": "application/grpc+proto" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.resume();
    stream.end(body);
  });
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  return { grpc: (server.address() as AddressInfo).port, http: 0 };
}

async function serveConnect() {
  const routes = (router: ConnectRouter) => router.rpc(method, async () => reply);
  const grpc = createHttp2(connectNodeAdapter({ routes }));
  const http = createHttp(connectNodeAdapter({ routes }));
  await new Promise<void>(resolve => grpc.listen(0, host, resolve));
  await new Promise<void>(resolve => http.listen(0, host, resolve));
  return { grpc: (grpc.address() as AddressInfo).port, http: (http.address() as AddressInfo).port };
}

async function serveGrpcJs() {
  const server = new Server();
  const definition = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
    responseSerialize: (message: typeof reply) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
  } as const;
  server.addService(
    { [method.name]: definition },
    {
      [method.name]: (_call: unknown, callback: (error: null, answer: typeof reply) => void) =>
        callback(null, reply),
    },
  );
  const grpc = await new Promise<number>((resolve, reject) => {
    const credentials = ServerCredentials.createInsecure();
    server.bindAsync(`${host}:0`, credentials, (error, port) => (error ? reject(error) : resolve(port)));
  });
  return { grpc, http: 0 };
}

/** The pipeline of a call that has no policy. */
async function transportOnly(call: IncomingCall) {
  await call.decode();
  return reply;
}

/** Its calls carry what those of the whole pipeline do. */
async function serveTransportToken() {
  const { privateKey } = await generateKeyPair("RS256");
  const ports = await serveOurs(() => transportOnly);
  return { ...ports, token: await signToken(privateKey) };
}

function signToken(privateKey: CryptoKey): Promise<string> {
  return new SignJWT({ role: "USER", jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt" })
    .setSubject("1234567")
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime("1h")
    .sign(privateKey);
}

/** As a service serves it, telemetry included where the parent has asked for it. */
async function serveWhole() {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const verifyUserToken = createUserTokenVerifier({ keys: async () => publicKey, issuer, audience });
  const log = createLog("bench", "info");
  const redis = redisUrl === "" ? undefined : createRedis(redisUrl, log);
  const perMinute = 1_000_000_000;
  const rates = {
    readPerMinute: perMinute,
    writePerMinute: perMinute,
    moneyPerMinute: perMinute,
    secretPerMinute: perMinute,
    mailPerMinute: perMinute,
  };
  const metrics = createMetrics("bench");
  const options = {
    verifyUserToken,
    verifyServiceToken: () => Promise.reject(new TypeError("no service calls here")),
    limit: redis === undefined ? async () => {} : createRateLimiter(redis, rates, log),
    admit: admitCalls({
      maxCalls: 1000,
      maxWaitMs: 60_000,
      connectionWaitedMs: () => 0,
      metrics,
    }),
    log,
    metrics,
  };
  const ports = await serveOurs(route => createPipeline(route, options));
  return { ...ports, token: await signToken(privateKey) };
}

async function serveOurs(pipelineOf: (route: Route) => Pipeline) {
  const routes: Route[] = [{ method, handle: async () => reply }];
  const log = createLog("bench", "info");
  const metrics = createMetrics("listeners");
  const [grpc = 0, http = 0] = await Promise.all([freePort(), freePort()]);
  const common = { routes, pipelineOf, host, log, metrics };
  await withServiceName("bench", async () => {
    await startGrpcServer({
      ...common,
      port: grpc,
      reflection: false,
      maxConnectionAgeMs: 3_600_000,
    });
    await startHttpServer({ ...common, httpRoutes: [], port: http });
  });
  return { grpc, http };
}

async function freePort(): Promise<number> {
  const probe = createTcp();
  await new Promise<void>(resolve => probe.listen(0, host, resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise(resolve => probe.close(resolve));
  return port;
}
