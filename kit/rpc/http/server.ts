import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import type { Failure } from "#kit/contract/failure.ts";
import type { CallsOptions } from "#kit/rpc/endpoints.ts";
import { httpCallOf } from "#kit/rpc/http/call.ts";
import { createHttpCalls } from "#kit/rpc/http/calls.ts";
import { answerUnreadable, unreadable } from "#kit/rpc/http/refusals.ts";
import { type HttpRoute, serveHttpRoute } from "#kit/rpc/http/routes.ts";
import { bodyOf, type ReadableBody } from "#kit/rpc/read-body.ts";

interface HttpServerOptions extends CallsOptions {
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
    if (draining) {
      response.setHeader("connection", "close");
    }
    const call = httpCallOf(request, response);
    if (!serveHttpRoute(options.httpRoutes, call, request, response, options)) {
      void serveCall(call, inFlight.bodyOf(request, response), response);
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

/** The bodies of the calls in flight, by socket: one that Node.js cannot read as HTTP fails with its call. */
function createInFlight() {
  const bodies = new WeakMap<Duplex, { body: ReadableBody; response: ServerResponse }>();
  return {
    bodyOf(request: IncomingMessage, response: ServerResponse): ReadableBody {
      const body = bodyOf(request);
      bodies.set(request.socket, { body, response });
      response.once("close", () => bodies.delete(request.socket));
      return body;
    },
    /** Returns false where no call is in flight. */
    fail(socket: Duplex, failure: Failure): boolean {
      const inFlight = bodies.get(socket);
      if (inFlight?.response.headersSent === false) {
        inFlight.response.setHeader("connection", "close");
      }
      inFlight?.body.fail(failure);
      return inFlight !== undefined;
    },
  };
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
