import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Message } from "@bufbuild/protobuf";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import type { RequestHeaders } from "#kit/contract/context.ts";
import { Failure } from "#kit/contract/failure.ts";
import { statusName } from "#kit/process/rpc-status.ts";
import { AnswerHeaders } from "#kit/rpc/answer-headers.ts";
import type { IncomingCall } from "#kit/rpc/call.ts";
import { endCallSpan, inCallSpan } from "#kit/rpc/call-spans.ts";
import {
  type CallsOptions,
  createEndpoints,
  type Endpoint,
  outsidePipeline,
  unknownMethod,
} from "#kit/rpc/endpoints.ts";
import { maxFrameBytes, readFrame, writeFrame } from "#kit/rpc/frames.ts";
import { checkGrpcHead, encodingOf, isGrpc } from "#kit/rpc/grpc/heads.ts";
import { headFieldsOf, statusFieldsOf } from "#kit/rpc/grpc/status.ts";
import { refusalAnswer } from "#kit/rpc/http/refusals.ts";
import { readBody } from "#kit/rpc/read-body.ts";
import { clientAddressOf, readHeaders, requestIdHeader, requestIdOf } from "#kit/rpc/request-headers.ts";

/** Serves one stream of HTTP/2 as a call by gRPC. */
type ServeStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/**
 * Serves calls by gRPC. All methods are unary: one message in, one out. What grpc-js would do for each call, for the
 * sake of streams and interceptors that we do not have, takes longer than everything else.
 */
export function createGrpcCalls(options: CallsOptions): ServeStream {
  const endpoints = createEndpoints(options);
  return (stream, headers) => {
    // An error ends the stream, and the call with it.
    stream.on("error", () => {});
    const call = new GrpcCall(stream, headers, endpoints.get(headers[":path"] ?? ""));
    const method = call.endpoint?.name ?? unknownMethod;
    void inCallSpan(method, call, async span => {
      let status = "OK";
      try {
        const { pipeline, binary } = outsidePipeline(method, call, () => requireServed(call), options);
        const answer = await pipeline(call);
        const encoded = outsidePipeline(method, call, () => binary.encode(answer), options);
        respond(call, encoded);
      } catch (error) {
        status = statusName(refuse(call, error));
      } finally {
        endCallSpan(span, status);
      }
    });
  };
}

/** A call as it arrives on its stream, before anything of it is checked. */
class GrpcCall implements IncomingCall {
  readonly protocol = "grpc";
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly endpoint: Endpoint | undefined;
  readonly requestHeaders: RequestHeaders;
  readonly responseHeaders = new AnswerHeaders();
  readonly requestId: string;
  readonly clientAddress: string;
  deadlineMs = Number.POSITIVE_INFINITY;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, endpoint: Endpoint | undefined) {
    this.stream = stream;
    this.headers = headers;
    this.endpoint = endpoint;
    this.requestHeaders = readHeaders(headers);
    this.requestId = requestIdOf(this.requestHeaders);
    this.responseHeaders.set(requestIdHeader, this.requestId);
    // Now, because a connection that has closed has none.
    this.clientAddress = clientAddressOf(this.requestHeaders, stream.session?.socket.remoteAddress);
  }

  onHangUp(listener: () => void): void {
    if (this.stream.aborted) {
      listener();
    } else {
      this.stream.on("aborted", listener);
    }
  }

  async decode(): Promise<Message> {
    const { binary } = requireEndpoint(this);
    const body = await readBody(this.stream, maxFrameBytes);
    return binary.decode(await readFrame(body, encodingOf(this.headers)));
  }
}

/** Refuses a call for its head or its path. */
function requireServed(call: GrpcCall): Endpoint {
  call.deadlineMs = checkGrpcHead(call.headers);
  return requireEndpoint(call);
}

function requireEndpoint({ endpoint }: GrpcCall): Endpoint {
  if (endpoint === undefined) {
    throw new Failure(Reason.METHOD_NOT_FOUND);
  }
  return endpoint;
}

function respond({ stream, responseHeaders }: GrpcCall, answer: Uint8Array): void {
  if (stream.closed) {
    return;
  }
  stream.respond(headFieldsOf(responseHeaders), { waitForTrailers: true });
  stream.on("wantTrailers", sendOk);
  stream.end(writeFrame(answer));
}

function sendOk(this: ServerHttp2Stream): void {
  if (!this.closed) {
    this.sendTrailers(okTrailers);
  }
}

const okTrailers = { "grpc-status": "0" };

/** Answers in gRPC, or in HTTP where the caller does not speak gRPC; returns the code of the status. */
function refuse(call: GrpcCall, error: unknown): number {
  const { stream } = call;
  const { code, fields } = statusFieldsOf(error, call);
  if (!stream.closed) {
    if (isGrpc(call.headers)) {
      stream.respond(fields, { endStream: true });
    } else {
      const answer = refusalAnswer(error, { ...call, protocol: "http" });
      stream.respond({ ...answer.headers, ":status": answer.status });
      stream.end(answer.body);
    }
    // What the caller still sends must not fill the connection's window.
    stream.resume();
  }
  return code;
}
