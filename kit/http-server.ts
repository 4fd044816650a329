import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Message } from "@bufbuild/protobuf";
import { type Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { context as otelContext, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import type { Serve } from "#kit/chain.ts";
import { Failure } from "#kit/failure.ts";
import { languageOf, toStatus } from "#kit/failure-status.ts";
import { clientAddressOf, maxRequestBytes } from "#kit/grpc-server.ts";
import { methodName } from "#kit/policy.ts";
import type { Route } from "#kit/route.ts";

/** A plain HTTP endpoint beside the RPCs, for callers that do not speak Connect. */
export interface HttpRoute {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export interface HttpServerOptions {
  readonly routes: readonly Route[];
  readonly serveOf: (route: Route) => Serve;
  readonly httpRoutes: readonly HttpRoute[];
  readonly host: string;
  readonly port: number;
}

/** Listens for Connect JSON and binary, Connect GET and gRPC-Web over HTTP/1.1. Returns a function that drains it. */
export async function startHttpServer(
  options: HttpServerOptions,
): Promise<(limitMs: number) => Promise<void>> {
  const rpc = connectNodeAdapter({
    routes: router => {
      for (const route of options.routes) {
        mount(router, route, options.serveOf(route));
      }
    },
    grpc: false,
    acceptCompression: [],
    readMaxBytes: maxRequestBytes,
    requireConnectProtocolHeader: true,
    fallback: (request, response) => answerUnknown(request as IncomingMessage, response as ServerResponse),
  });
  let draining = false;
  const server = createServer(
    { requestTimeout: 60_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 },
    (request, response) => {
      if (draining) {
        response.setHeader("connection", "close");
      }
      const path = (request.url ?? "/").split("?", 1)[0];
      const plain = options.httpRoutes.find(route => route.path === path && route.method === request.method);
      if (plain === undefined) {
        rpc(request, response);
        return;
      }
      plain.handle(request, response).catch(() => response.writeHead(500).end());
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return async limitMs => {
    draining = true;
    await new Promise(resolve => setTimeout(resolve, Math.min(farewellMs, limitMs)));
    await drain(server, limitMs);
  };
}

// Connections are taken leave of with an answer that says so: one that is closed while it is idle may meet a request on its way.
const farewellMs = 300;

function mount(router: ConnectRouter, route: Route, serve: Serve): void {
  const implementation = async (request: Message, context: HandlerContext): Promise<Message> => {
    if (context.requestMethod === "GET") {
      // A cache must not show a user what anybody sees.
      context.responseHeader.set("vary", "authorization");
    }
    try {
      return await withSpan(route, context, () => serve(request, arrivalOf(context)));
    } catch (error) {
      throw toConnectError(error, context.requestHeader);
    }
  };
  router.rpc(route.method, implementation as Parameters<typeof router.rpc>[1]);
}

function arrivalOf(context: HandlerContext) {
  const timeoutMs = context.timeoutMs();
  return {
    protocol: context.requestMethod === "GET" ? "connect-get" : context.protocolName,
    headers: context.requestHeader,
    responseHeaders: context.responseHeader,
    clientAddress: clientAddressOf(context.requestHeader, "unknown"),
    signal: context.signal,
    deadlineMs: timeoutMs === undefined ? undefined : Date.now() + timeoutMs,
  };
}

const tracer = trace.getTracer("questioncloud");

// Nothing instruments Connect over node:http, so the server span of this listener is made here.
function withSpan<T>(route: Route, context: HandlerContext, work: () => Promise<T>): Promise<T> {
  const parent = propagation.extract(otelContext.active(), Object.fromEntries(context.requestHeader));
  const attributes = {
    "rpc.system": "connect_rpc",
    "rpc.service": route.method.parent.typeName,
    "rpc.method": route.method.name,
  };
  return tracer.startActiveSpan(
    methodName(route.method),
    { kind: SpanKind.SERVER, attributes },
    parent,
    async span => {
      try {
        return await work();
      } catch (error) {
        span.setStatus({
          code: SpanStatusCode.ERROR,
          message: error instanceof Failure ? error.message : "internal",
        });
        throw error;
      } finally {
        span.end();
      }
    },
  );
}

function toConnectError(error: unknown, headers: Headers): ConnectError {
  const failure = error instanceof Failure ? error : new Failure(Reason.INTERNAL_SERVER_ERROR);
  const status = toStatus(failure, languageOf(headers.get("accept-language")));
  const connectError = new ConnectError(status.message, status.code as Code);
  connectError.details = status.details.map(detail => ({
    type: detail.typeUrl.slice(detail.typeUrl.lastIndexOf("/") + 1),
    value: detail.value,
  }));
  return connectError;
}

function answerUnknown(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404, { "content-type": "application/json" });
  const { message, details } = toStatus(new Failure(Reason.METHOD_NOT_FOUND), "ko");
  const wireDetails = details.map(detail => ({
    type: detail.typeUrl.slice(detail.typeUrl.lastIndexOf("/") + 1),
    value: Buffer.from(detail.value).toString("base64").replace(/=+$/, ""),
  }));
  response.end(JSON.stringify({ code: "unimplemented", message, details: wireDetails }));
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
