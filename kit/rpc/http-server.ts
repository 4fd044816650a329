import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import type { Failure } from "#kit/contract/failure.ts";
import { createHttpCalls } from "#kit/rpc/http-calls.ts";
import { answerUnreadable, unreadable } from "#kit/rpc/http-refusals.ts";
import { type HttpRoute, serveHttpRoute } from "#kit/rpc/http-routes.ts";
import type { Route } from "#kit/rpc/implement.ts";
import type { RecordOptions } from "#kit/rpc/interceptors/record-call.ts";
import { uncachable } from "#kit/rpc/interceptors/restrict-caching.ts";
import type { Pipeline } from "#kit/rpc/pipeline.ts";

interface HttpServerOptions extends RecordOptions {
  readonly routes: readonly Route[];
  readonly pipelineOf: (route: Route) => Pipeline;
  readonly httpRoutes: readonly HttpRoute[];
  readonly host: string;
  readonly port: number;
}

export interface HttpServer {
  /** From now on, answers tell clients not to reuse their connections. */
  stopConnectionReuse(): void;
  /** Takes no new connections, lets calls in flight finish, and cuts them off after `limitMs`. */
  drain(limitMs: number): Promise<void>;
}

/** Listens for Connect JSON and binary, Connect GET, gRPC-Web and gRPC-Web text over HTTP/1.1. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const serveCall = createHttpCalls(options);
  const inFlight = createInFlight();
  let draining = false;
  const server = createServer(serverOptions);
  const listener: RequestListener = (request, response) => {
    response.setHeaders(new Headers(uncachable));
    if (draining) {
      response.setHeader("connection", "close");
    }
    if (!serveHttpRoute(options.httpRoutes, request, response, options)) {
      void serveCall(request, response, inFlight.bodyOf(request, response));
    }
  };
  server.on("request", listener);
  // An expectation that HTTP does not know is no reason to refuse a call.
  server.on("checkExpectation", listener);
  server.on("clientError", (error, socket) => {
    const failure = unreadable(error);
    if (!inFlight.fail(socket, failure) && socket.writable) {
      answerUnreadable(failure, socket, options);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    // While draining, answer with `connection: close`; closing an idle connection can race with a request.
    stopConnectionReuse() {
      draining = true;
    },
    drain: limitMs => drain(server, limitMs),
  };
}

const serverOptions = {
  requestTimeout: 60_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 65_000,
  // Refused by us, in the shape of a refusal.
  requireHostHeader: false,
  // More than the gateway lets through.
  maxHeaderSize: 64 * 1024,
};

/** The bodies that are being read, by socket: one that Node.js cannot read as HTTP fails with its call. */
function createInFlight() {
  const failures = new WeakMap<Duplex, (failure: Failure) => void>();
  return {
    bodyOf(request: IncomingMessage, response: ServerResponse): AsyncIterable<Uint8Array> {
      const { promise: failed, reject } = Promise.withResolvers<never>();
      failed.catch(() => {});
      failures.set(request.socket, failure => {
        response.setHeader("connection", "close");
        reject(failure);
      });
      response.once("close", () => failures.delete(request.socket));
      return chunksOf(request, failed);
    },
    /** Returns false where no call is in flight. */
    fail(socket: Duplex, failure: Failure): boolean {
      const fail = failures.get(socket);
      fail?.(failure);
      return fail !== undefined;
    },
  };
}

// A body that is not read to its end must not take the connection with it: the answer goes there.
async function* chunksOf(request: IncomingMessage, failed: Promise<never>): AsyncIterable<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = request.iterator({ destroyOnReturn: false });
  for (;;) {
    const { done, value } = await Promise.race([chunks.next(), failed]);
    if (done) {
      return;
    }
    yield value;
  }
}

function drain(server: Server, limitMs: number): Promise<void> {
  return new Promise(resolve => {
    const limit = setTimeout(() => server.closeAllConnections(), limitMs);
    server.close(() => {
      clearTimeout(limit);
      resolve();
    });
    server.closeIdleConnections();
  });
}
