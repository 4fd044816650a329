import type { IncomingMessage, ServerResponse } from "node:http";
import type { Message } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { toCallStatus } from "#kit/contract/failure-status.ts";
import { methodName } from "#kit/contract/policy.ts";
import { statusName } from "#kit/process/rpc-status.ts";
import { inCallSpan, setCallStatus } from "#kit/rpc/call-spans.ts";
import { decodeText, isText, withoutText } from "#kit/rpc/grpc-web-text.ts";
import { type HttpAnswer, type HttpCall, httpCallOf, send } from "#kit/rpc/http-call.ts";
import { checkHead } from "#kit/rpc/http-heads.ts";
import { refusalAnswer, unknownMethod } from "#kit/rpc/http-refusals.ts";
import type { Route } from "#kit/rpc/implement.ts";
import { type RecordOptions, recordOutcome } from "#kit/rpc/interceptors/record-call.ts";
import { maxRequestBytes } from "#kit/rpc/limits.ts";
import type { Pipeline } from "#kit/rpc/pipeline.ts";
import { undecodable } from "#kit/rpc/undecodable.ts";

interface HttpCallsOptions extends RecordOptions {
  readonly routes: readonly Route[];
  readonly pipelineOf: (route: Route) => Pipeline;
}

/** Serves one call; `body` is that of its request. */
type ServeHttpCall = (
  request: IncomingMessage,
  response: ServerResponse,
  body: AsyncIterable<Uint8Array>,
) => Promise<void>;

interface Endpoint {
  readonly handler: UniversalHandler;
  readonly pipeline: Pipeline;
}

/** What a call and Connect, which decodes and encodes, know about each other. */
interface Exchange {
  /** Runs the pipeline. */
  readonly run: (decode: () => Message) => Promise<Message>;
  /** The pipeline's answer; undefined until Connect has decoded the request. */
  answer?: Promise<Message>;
  /** Connect aborts it with the error for which it refuses a request. */
  signal?: AbortSignal;
}

const exchangeKey = createContextKey<Exchange | undefined>(undefined);

/** Serves calls by Connect JSON and binary, Connect GET, gRPC-Web and gRPC-Web text. */
export function createHttpCalls(options: HttpCallsOptions): ServeHttpCall {
  const endpoints = createEndpoints(options);
  return (request, response, body) => {
    const call = httpCallOf(request, response);
    const endpoint = endpoints.get(call.path);
    const method = endpoint === undefined ? unknownMethod : methodName(endpoint.handler.method);
    return inCallSpan({ ...call, method }, async span => {
      try {
        const answer = await serve(admit(call, endpoint, method, options), body);
        setCallStatus(span, "OK");
        send(response, call, answer);
      } catch (error) {
        const { code } = toCallStatus(error, call.requestHeaders, call.requestId);
        setCallStatus(span, statusName(code));
        send(response, call, refusalAnswer(error, call));
      }
    });
  };
}

function createEndpoints({ routes, pipelineOf }: HttpCallsOptions): ReadonlyMap<string, Endpoint> {
  const router = createConnectRouter({
    grpc: false,
    acceptCompression: [],
    // A misspelled field must not be taken for an absent one.
    jsonOptions: { ignoreUnknownFields: false },
    readMaxBytes: maxRequestBytes,
    requestGate(context) {
      exchangeOf(context).signal = context.signal;
    },
  });
  const pipelines = new Map(routes.map(route => [`/${methodName(route.method)}`, pipelineOf(route)]));
  for (const { method } of routes) {
    const implementation = (request: Message, context: HandlerContext): Promise<Message> => {
      const exchange = exchangeOf(context);
      exchange.answer = exchange.run(() => request);
      return exchange.answer;
    };
    router.rpc(method, implementation as Parameters<typeof router.rpc>[1]);
  }
  return new Map(
    router.handlers.flatMap(handler => {
      const pipeline = pipelines.get(handler.requestPath);
      return pipeline === undefined ? [] : [[handler.requestPath, { handler, pipeline }] as const];
    }),
  );
}

function exchangeOf({ values }: HandlerContext): Exchange {
  const exchange = values.get(exchangeKey);
  if (exchange === undefined) {
    throw new TypeError("every call of Connect belongs to an exchange");
  }
  return exchange;
}

/** An endpoint, and a call that it can serve. A call that is refused here reaches no pipeline that records it. */
function admit(call: HttpCall, endpoint: Endpoint | undefined, method: string, options: RecordOptions) {
  try {
    if (endpoint === undefined) {
      throw new Failure(Reason.METHOD_NOT_FOUND);
    }
    return { ...endpoint, call: { ...call, deadlineMs: checkHead(call, endpoint.handler) } };
  } catch (error) {
    recordOutcome(method, { ...call, caller: { kind: "anonymous" } }, error as Failure, 0, options);
    throw error;
  }
}

/** Lets Connect decode the request, the pipeline answer it, and Connect encode the answer. */
async function serve(
  { call, handler, pipeline }: Endpoint & { readonly call: HttpCall },
  body: AsyncIterable<Uint8Array>,
): Promise<HttpAnswer> {
  const text = isText(call.contentType);
  const exchange: Exchange = { run: decode => pipeline({ ...call, decode }) };
  const {
    status,
    header,
    body: encoded = [],
  } = await handler({
    httpVersion: "1.1",
    method: call.verb,
    url: `http://localhost${call.path}?${call.query}`,
    header: headersForConnect(call),
    body: text ? decodeText(body) : body,
    signal: call.signal,
    contextValues: createContextValues().set(exchangeKey, exchange),
  });
  // Where Connect has not decoded the request, the pipeline refuses it, like every other.
  await (exchange.answer ??
    exchange.run(() => {
      throw call.signal.aborted ? new Failure(Reason.REQUEST_CANCELLED) : refusedBy(exchange.signal?.reason);
    }));
  const chunks: Uint8Array[] = [];
  for await (const chunk of encoded) {
    chunks.push(chunk);
  }
  return { status, headers: new Headers(header), body: Buffer.concat(chunks) };
}

// The pipeline alone keeps the deadline: timers of Node.js end at once beyond 2^31 ms.
function headersForConnect({ requestHeaders, contentType }: HttpCall): Headers {
  const headers = new Headers(requestHeaders);
  headers.delete("connect-timeout-ms");
  headers.delete("grpc-timeout");
  if (isText(contentType)) {
    headers.set("content-type", withoutText(contentType));
  }
  return headers;
}

function refusedBy(error: unknown): Failure {
  if (error instanceof Failure) {
    return error;
  }
  return error instanceof ConnectError && error.code === Code.ResourceExhausted
    ? new Failure(Reason.REQUEST_TOO_LARGE)
    : undecodable(error);
}
