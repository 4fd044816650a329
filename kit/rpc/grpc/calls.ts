import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { statusName } from "#kit/process/rpc-status.ts";
import { AnswerHeaders } from "#kit/rpc/answer-headers.ts";
import type { IncomingCall } from "#kit/rpc/call.ts";
import { inCallSpan, setCallStatus } from "#kit/rpc/call-spans.ts";
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
import { bodyOf } from "#kit/rpc/read-body.ts";
import { clientAddressOf, readHeaders, requestIdHeader, requestIdOf } from "#kit/rpc/request-headers.ts";

/** Serves one stream of HTTP/2 as a call by gRPC. */
type ServeStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

interface GrpcCall extends Omit<IncomingCall, "decode" | "deadlineMs"> {
  readonly responseHeaders: AnswerHeaders;
}

/**
 * Serves calls by gRPC. All methods are unary: one message in, one out. What grpc-js would do for each call, for the
 * sake of streams and interceptors that we do not have, takes longer than everything else.
 */
export function createGrpcCalls(options: CallsOptions): ServeStream {
  const endpoints = createEndpoints(options);
  return (stream, headers) => {
    // An error ends the stream, and the call with it.
    stream.on("error", () => {});
    const call = grpcCallOf(stream, headers);
    const endpoint = endpoints.get(headers[":path"] ?? "");
    const method = endpoint?.name ?? unknownMethod;
    void inCallSpan(method, call, async span => {
      try {
        const served = outsidePipeline(method, call, () => requireServed(endpoint, headers), options);
        const decode = () => decodeFrom(stream, headers, served);
        const answer = await served.pipeline({ ...call, deadlineMs: served.deadlineMs, decode });
        const encoded = outsidePipeline(method, call, () => served.binary.encode(answer), options);
        setCallStatus(span, "OK");
        respond(stream, call, encoded);
      } catch (error) {
        setCallStatus(span, statusName(refuse(stream, headers, call, error)));
      }
    });
  };
}

function grpcCallOf(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): GrpcCall {
  const requestHeaders = readHeaders(headers);
  const requestId = requestIdOf(requestHeaders);
  const responseHeaders = new AnswerHeaders();
  responseHeaders.set(requestIdHeader, requestId);
  return {
    protocol: "grpc",
    requestHeaders,
    responseHeaders,
    requestId,
    clientAddress: clientAddressOf(requestHeaders, stream.session?.socket.remoteAddress),
    onHangUp: listener => (stream.aborted ? listener() : stream.once("aborted", listener)),
  };
}

function requireServed(endpoint: Endpoint | undefined, headers: IncomingHttpHeaders) {
  const deadlineMs = checkGrpcHead(headers);
  if (endpoint === undefined) {
    throw new Failure(Reason.METHOD_NOT_FOUND);
  }
  return { ...endpoint, deadlineMs };
}

async function decodeFrom(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, { binary }: Endpoint) {
  const body = await bodyOf(stream).read(maxFrameBytes);
  return binary.decode(await readFrame(body, encodingOf(headers)));
}

function respond(stream: ServerHttp2Stream, { responseHeaders }: GrpcCall, answer: Uint8Array): void {
  if (stream.closed) {
    return;
  }
  stream.respond(headFieldsOf(responseHeaders), { waitForTrailers: true });
  stream.once("wantTrailers", () => {
    if (!stream.closed) {
      stream.sendTrailers(okTrailers);
    }
  });
  stream.end(writeFrame(answer));
}

const okTrailers = { "grpc-status": "0" };

/** Answers in gRPC, or in HTTP where the caller does not speak gRPC; returns the code of the status. */
function refuse(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  call: GrpcCall,
  error: unknown,
): number {
  const { code, fields } = statusFieldsOf(error, call);
  if (!stream.closed) {
    if (isGrpc(headers)) {
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
