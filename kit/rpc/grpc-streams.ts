import type { Http2Server, IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { status as grpcStatus, type Server } from "@grpc/grpc-js";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { inCallerTrace } from "#kit/rpc/call-spans.ts";
import { checkGrpcHead, isGrpc, passDeadline } from "#kit/rpc/grpc-heads.ts";
import { grpcStatusOf } from "#kit/rpc/grpc-status.ts";
import { refusalAnswer, unknownMethod } from "#kit/rpc/http-refusals.ts";
import { type RecordOptions, recordOutcome } from "#kit/rpc/interceptors/record-call.ts";
import { uncachable } from "#kit/rpc/interceptors/restrict-caching.ts";
import { requestIdHeader, requestIdOf } from "#kit/rpc/request-headers.ts";
import { badRequest } from "#kit/rpc/undecodable.ts";

type StreamListener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/**
 * Checks every stream before grpc-js sees it, and completes what grpc-js refuses by itself: it does so before any
 * handler or interceptor is reached, without details, log or metric, and reads deadlines wrongly. `methods` are the
 * paths of the methods that go through the pipeline.
 */
export function guardStreams(server: Server, methods: ReadonlySet<string>, options: RecordOptions): void {
  for (const http2Server of http2ServersOf(server)) {
    const [serve, ...others] = http2Server.listeners("stream") as StreamListener[];
    if (serve === undefined || others.length > 0) {
      throw new TypeError("a server of grpc-js has one listener of streams");
    }
    http2Server.off("stream", serve);
    http2Server.on("stream", (stream, headers) => {
      const call = guardedCall(headers, methods, options);
      try {
        checkGrpcHead(headers);
      } catch (error) {
        stream.on("error", () => {});
        refuse(stream, call, error as Failure);
        return;
      }
      passDeadline(headers, call.known);
      completeRefusals(stream, call);
      serve(stream, headers);
    });
  }
}

// grpc-js has no other way to its streams.
function http2ServersOf(server: Server): Iterable<Http2Server> {
  return (server as unknown as { http2Servers: ReadonlyMap<Http2Server, unknown> }).http2Servers.keys();
}

interface GuardedCall {
  readonly headers: IncomingHttpHeaders;
  /** True for a method of ours, false for health, reflection and what does not exist. */
  readonly known: boolean;
  /** The call as refusals know it. */
  readonly call: { readonly protocol: "grpc"; readonly requestHeaders: Headers; readonly requestId: string };
  record(failure: Failure): void;
}

function guardedCall(
  headers: IncomingHttpHeaders,
  methods: ReadonlySet<string>,
  options: RecordOptions,
): GuardedCall {
  const path = headers[":path"] ?? "";
  const known = methods.has(path);
  const requestHeaders = new Headers();
  for (const name of [requestIdHeader, "accept-language", "traceparent", "tracestate"]) {
    const value = headers[name];
    if (typeof value === "string" && /^[ -~]*$/.test(value)) {
      requestHeaders.set(name, value);
    }
  }
  const call = { protocol: "grpc", requestHeaders, requestId: requestIdOf(requestHeaders) } as const;
  return {
    headers,
    known,
    call,
    record: failure =>
      recordOutcome(
        known ? path.slice(1) : unknownMethod,
        { ...call, caller: { kind: "anonymous" } },
        failure,
        0,
        options,
      ),
  };
}

/** Answers in gRPC, or in HTTP where the caller does not speak gRPC. */
function refuse(stream: ServerHttp2Stream, { headers, call, record }: GuardedCall, failure: Failure): void {
  inCallerTrace(call.requestHeaders, () => {
    record(failure);
    if (isGrpc(headers)) {
      stream.respond(trailersOnly(failure, call), { endStream: true });
    } else {
      const answer = refusalAnswer(failure, { ...call, protocol: "http" });
      stream.respond({ ...Object.fromEntries(answer.headers), ":status": answer.status });
      stream.end(answer.body);
    }
    // What the caller still sends must not fill the connection's window.
    stream.resume();
  });
}

function trailersOnly(
  failure: Failure,
  { requestHeaders, requestId }: GuardedCall["call"],
): OutgoingHttpHeaders {
  const { code, details, metadata } = grpcStatusOf(
    failure,
    requestHeaders,
    new Headers({ [requestIdHeader]: requestId, ...uncachable }),
  );
  return {
    ":status": 200,
    "content-type": "application/grpc+proto",
    "grpc-status": code,
    "grpc-message": encodeURI(details),
    ...metadata.toHttp2Headers(),
  };
}

/** Gives what grpc-js refuses by itself the details of a refusal. */
function completeRefusals(stream: ServerHttp2Stream, { known, call, record }: GuardedCall): void {
  const respond = stream.respond.bind(stream);
  stream.respond = (answer, options) => {
    const failure = refusedBy(answer as OutgoingHttpHeaders, known);
    if (failure === undefined) {
      respond(answer, options);
      return;
    }
    inCallerTrace(call.requestHeaders, () => {
      record(failure);
      respond(trailersOnly(failure, call), options);
    });
  };
}

/** Why grpc-js refuses a call: for its path, or for what it received of the message. */
function refusedBy(answer: OutgoingHttpHeaders, known: boolean): Failure | undefined {
  const status = answer["grpc-status-details-bin"] === undefined ? answer["grpc-status"] : undefined;
  if (status === grpcStatus.UNIMPLEMENTED && !known) {
    return new Failure(Reason.METHOD_NOT_FOUND);
  }
  if (status === grpcStatus.RESOURCE_EXHAUSTED) {
    return new Failure(Reason.REQUEST_TOO_LARGE);
  }
  // No message, a part of one, several, or one that is not compressed as it says.
  return known && (status === grpcStatus.UNIMPLEMENTED || status === grpcStatus.INTERNAL)
    ? badRequest("", "malformed message")
    : undefined;
}
