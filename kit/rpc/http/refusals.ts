import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { codeToHttpStatus, errorToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { trailerFlag, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { httpStatusOf, toCallStatus, toConnectError } from "#kit/contract/failure-status.ts";
import { unknownMethod } from "#kit/rpc/endpoints.ts";
import type { HttpAnswer, HttpCall } from "#kit/rpc/http/call.ts";
import { type RecordOptions, recordOutcome } from "#kit/rpc/interceptors/record-call.ts";
import { uncachable } from "#kit/rpc/interceptors/restrict-caching.ts";
import { requestIdHeader } from "#kit/rpc/request-headers.ts";

/** A refused call in the protocol of its caller. */
export function refusalAnswer(
  error: unknown,
  { protocol, requestHeaders, requestId }: Pick<HttpCall, "protocol" | "requestHeaders" | "requestId">,
): HttpAnswer {
  const refusal = toConnectError(toCallStatus(error, requestHeaders, requestId));
  const allow = error instanceof Failure ? error.metadata.allow : undefined;
  const headers = {
    [requestIdHeader]: requestId,
    ...uncachable,
    ...(allow === undefined ? {} : { allow }),
    "content-type": protocol === "grpc-web" ? "application/grpc-web+proto" : "application/json",
  };
  if (protocol === "grpc-web") {
    const trailers = trailerSerialize(setTrailerStatus(new Headers(), refusal));
    return { status: 200, headers, body: encodeEnvelope(trailerFlag, trailers) };
  }
  return {
    status: error instanceof Failure ? httpStatusOf(error.reason) : codeToHttpStatus(refusal.code),
    headers,
    body: Buffer.from(JSON.stringify(errorToJson(refusal, undefined))),
  };
}

const parserReasons: Readonly<Record<string, Reason>> = {
  HPE_HEADER_OVERFLOW: Reason.REQUEST_TOO_LARGE,
  ERR_HTTP_REQUEST_TIMEOUT: Reason.DEADLINE_EXCEEDED,
};

/** What Node.js could not read as HTTP. */
export function unreadable({ code = "" }: NodeJS.ErrnoException): Failure {
  return new Failure(parserReasons[code] ?? Reason.BAD_REQUEST, {
    violations: [{ field: "", description: `malformed HTTP (${code})` }],
  });
}

/** Answers, logs and counts what never became a request. */
export function answerUnreadable(failure: Failure, socket: Duplex, options: RecordOptions): void {
  const requestId = crypto.randomUUID();
  const call = { protocol: "http", requestHeaders: new Headers(), requestId };
  const { status, headers, body } = refusalAnswer(failure, call);
  recordOutcome(unknownMethod, { ...call, caller: { kind: "anonymous" } }, failure, 0, options);
  const lines = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}content-length: ${body.byteLength}\r\n`;
  socket.end(Buffer.concat([Buffer.from(`${head}connection: close\r\n\r\n`), body]));
}
