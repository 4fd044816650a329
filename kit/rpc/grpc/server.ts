import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import type { CallsOptions } from "#kit/rpc/endpoints.ts";
import { createGrpcCalls } from "#kit/rpc/grpc/calls.ts";
import { isForGrpcJs } from "#kit/rpc/grpc/heads.ts";
import { keepServiceName } from "#kit/rpc/grpc/keep-service-name.ts";
import { addReflection } from "#kit/rpc/grpc/reflection.ts";
import { maxRequestBytes } from "#kit/rpc/limits.ts";

interface GrpcServerOptions extends CallsOptions {
  readonly host: string;
  readonly port: number;
  /** Cleartext without them. */
  readonly credentials?: ServerCredentials;
  readonly reflection: boolean;
  /** How long a connection lasts, so that clients spread to new replicas. */
  readonly maxConnectionAgeMs: number;
}

export interface GrpcServer {
  /** Tells health checks whether to send calls here. */
  setServing(serving: boolean): void;
  /** Takes no new calls, lets those in flight finish, and cuts them off after `limitMs`. */
  drain(limitMs: number): Promise<void>;
}

/** Listens for gRPC over HTTP/2. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const server = new Server({
    "grpc.max_receive_message_length": maxRequestBytes,
    "grpc.max_connection_age_ms": options.maxConnectionAgeMs,
    "grpc.max_connection_age_grace_ms": 30_000,
    "grpc.keepalive_time_ms": 60_000,
    "grpc.max_concurrent_streams": 1000,
  });
  const health = new HealthImplementation({ "": "SERVING" });
  health.addToServer(server);
  if (options.reflection) {
    addReflection(server, [...new Set(options.routes.map(({ method }) => method.parent.typeName))]);
  }
  await bind(server, options);
  takeStreams(server, keepServiceName(createGrpcCalls(options)));
  return {
    setServing: serving => health.setStatus("", serving ? "SERVING" : "NOT_SERVING"),
    drain: limitMs => drain(server, limitMs),
  };
}

type StreamListener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/**
 * Serves streams by ourselves, except those of health and reflection. grpc-js opens and ends the connections; it has
 * no other way to their streams.
 */
function takeStreams(server: Server, serve: StreamListener): void {
  const { http2Servers, handlers } = server as unknown as {
    readonly http2Servers: ReadonlyMap<Http2Server, unknown>;
    readonly handlers: ReadonlyMap<string, unknown>;
  };
  for (const http2Server of http2Servers.keys()) {
    const [serveByGrpcJs, ...others] = http2Server.listeners("stream") as StreamListener[];
    if (serveByGrpcJs === undefined || others.length > 0) {
      throw new TypeError("a server of grpc-js has one listener of streams");
    }
    http2Server.off("stream", serveByGrpcJs);
    http2Server.on("stream", (stream, headers) => {
      const isOurs = !handlers.has(headers[":path"] ?? "") || !isForGrpcJs(headers);
      (isOurs ? serve : serveByGrpcJs)(stream, headers);
    });
  }
}

function bind(server: Server, options: GrpcServerOptions): Promise<void> {
  const { host, port, credentials = ServerCredentials.createInsecure() } = options;
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, credentials, error => (error === null ? resolve() : reject(error)));
  });
}

function drain(server: Server, limitMs: number): Promise<void> {
  return new Promise(resolve => {
    const limit = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, limitMs);
    server.tryShutdown(() => {
      clearTimeout(limit);
      resolve();
    });
  });
}
