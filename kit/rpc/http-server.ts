import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Message } from "@bufbuild/protobuf";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { toCallStatus, toConnectError } from "#kit/contract/failure-status.ts";
import { methodName } from "#kit/contract/policy.ts";
import { statusName } from "#kit/process/rpc-status.ts";
import type { IncomingCall } from "#kit/rpc/call.ts";
import { inCallSpan, inRequestSpan, setCallStatus } from "#kit/rpc/call-spans.ts";
import { maxRequestBytes } from "#kit/rpc/grpc-server.ts";
import { answerUnknown, headersOf } from "#kit/rpc/http-refusals.ts";
import type { Route } from "#kit/rpc/implement.ts";
import type { RecordOptions } from "#kit/rpc/interceptors/record-call.ts";
import { uncachable } from "#kit/rpc/interceptors/restrict-caching.ts";
import type { Pipeline } from "#kit/rpc/pipeline.ts";
import { clientAddressOf, requestIdHeader, requestIdOf } from "#kit/rpc/request-headers.ts";

/**
 * A plain HTTP endpoint next to the RPCs, for callers that do not speak Connect; declared in the service's
 * service.proto.
 */
export interface HttpRoute {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

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

/** Listens for Connect JSON and binary, Connect GET and gRPC-Web over HTTP/1.1. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const rpc = connectNodeAdapter({
    routes: router => {
      for (const route of options.routes) {
        mount(router, route, options.pipelineOf(route));
      }
    },
    grpc: false,
    acceptCompression: [],
    // A misspelled field must not be taken for an absent one.
    jsonOptions: { ignoreUnknownFields: false },
    readMaxBytes: maxRequestBytes,
    requireConnectProtocolHeader: true,
    fallback: (request, response) =>
      void answerUnknown(request as IncomingMessage, response as ServerResponse, options),
  });
  let draining = false;
  const server = createServer(
    { requestTimeout: 60_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 },
    (request, response) => {
      response.setHeaders(new Headers(uncachable));
      if (draining) {
        response.setHeader("connection", "close");
      }
      const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
      const plain = options.httpRoutes.find(
        route => route.method === request.method && matches(route.path, path),
      );
      if (plain === undefined) {
        rpc(request, response);
        return;
      }
      void serve(plain, request, response, options);
    },
  );
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

/** True for a path that a route names; a last segment in braces matches any one segment. */
function matches(route: string, path: string): boolean {
  const variable = route.indexOf("{");
  return variable < 0
    ? route === path
    : path.startsWith(route.slice(0, variable)) && !path.slice(variable).includes("/");
}

async function serve(
  { method, path, handle }: HttpRoute,
  request: IncomingMessage,
  response: ServerResponse,
  { metrics }: RecordOptions,
): Promise<void> {
  const startMs = performance.now();
  await inRequestSpan({ method, route: path, headers: headersOf(request) }, async () => {
    await handle(request, response).catch(() => response.writeHead(500).end());
    return response.statusCode;
  });
  const labels = {
    http_request_method: method,
    http_route: path,
    http_response_status_code: response.statusCode,
  };
  metrics.httpRequests.observe(labels, (performance.now() - startMs) / 1000);
}

function mount(router: ConnectRouter, route: Route, pipeline: Pipeline): void {
  const method = methodName(route.method);
  const implementation = (request: Message, context: HandlerContext): Promise<Message> => {
    const requestId = requestIdOf(context.requestHeader);
    context.responseHeader.set(requestIdHeader, requestId);
    if (context.requestMethod === "GET") {
      // A cache must not serve one user's answer to another.
      context.responseHeader.set("vary", "authorization");
    }
    const call = incomingCall(request, context, requestId);
    return inCallSpan({ ...call, method }, async span => {
      try {
        const answer = await pipeline(call);
        setCallStatus(span, "OK");
        return answer;
      } catch (error) {
        const status = toCallStatus(error, context.requestHeader, requestId);
        setCallStatus(span, statusName(status.code));
        throw toConnectError(status);
      }
    });
  };
  router.rpc(route.method, implementation as Parameters<typeof router.rpc>[1]);
}

function incomingCall(request: Message, context: HandlerContext, requestId: string): IncomingCall {
  const timeoutMs = context.timeoutMs();
  return {
    protocol: context.requestMethod === "GET" ? "connect-get" : context.protocolName,
    requestHeaders: context.requestHeader,
    responseHeaders: context.responseHeader,
    requestId,
    clientAddress: clientAddressOf(context.requestHeader, "unknown"),
    signal: context.signal,
    deadlineMs: timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs,
    decode: () => request,
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
