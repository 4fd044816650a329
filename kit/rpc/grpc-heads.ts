import type { IncomingHttpHeaders } from "node:http2";
import { parseTimeout } from "@connectrpc/connect/protocol-grpc";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { requireAllowed } from "#kit/rpc/http-heads.ts";
import { badRequest } from "#kit/rpc/undecodable.ts";

// Set by us alone; the gateway removes headers of this prefix.
const deadlineHeader = "x-questioncloud-deadline-ms";
const timeoutHeader = "grpc-timeout";

// What grpc-js can decompress.
const encodings = ["identity", "deflate", "gzip"];

/** True for a caller that understands an answer in gRPC. */
export function isGrpc(headers: IncomingHttpHeaders): boolean {
  return /^application\/grpc(?!-web)/i.test(headers["content-type"] ?? "");
}

/** Refuses a stream for its HTTP method or headers, so that grpc-js sees only what it serves. */
export function checkGrpcHead(headers: IncomingHttpHeaders): void {
  requireAllowed(headers[":method"] ?? "", ["POST"]);
  if (!/^application\/grpc(?:\+proto)?(?:;|$)/i.test(headers["content-type"] ?? "")) {
    throw new Failure(Reason.UNSUPPORTED_MEDIA_TYPE, { metadata: { unsupported: "content-type" } });
  }
  if (!encodings.includes(String(headers["grpc-encoding"] ?? "identity"))) {
    throw new Failure(Reason.UNSUPPORTED_MEDIA_TYPE, { metadata: { unsupported: "grpc-encoding" } });
  }
  if (timeoutOf(headers).error !== undefined) {
    throw badRequest(timeoutHeader, "malformed timeout");
  }
}

function timeoutOf(headers: IncomingHttpHeaders) {
  const value = headers[timeoutHeader];
  return parseTimeout(value === undefined ? null : String(value), Number.MAX_SAFE_INTEGER);
}

/**
 * Hides the caller's deadline of a method of ours from grpc-js, which would end the call past the pipeline, and at once
 * where it is beyond 2^31 ms. Other methods keep the deadlines that a timer can wait for.
 */
export function passDeadline(headers: IncomingHttpHeaders, ours: boolean): void {
  const { timeoutMs } = timeoutOf(headers);
  delete headers[deadlineHeader];
  if (ours && timeoutMs !== undefined) {
    headers[deadlineHeader] = String(Date.now() + timeoutMs);
  }
  if (ours || (timeoutMs ?? 0) >= 2 ** 31) {
    delete headers[timeoutHeader];
  }
}

/** The deadline that the caller set, in milliseconds since the epoch. */
export function deadlineOf(headers: Headers): number {
  return Number(headers.get(deadlineHeader) ?? Number.POSITIVE_INFINITY);
}
