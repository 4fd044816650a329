import type { IncomingHttpHeaders } from "node:http2";
import { parseTimeout } from "@connectrpc/connect/protocol-grpc";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { frameEncodings } from "#kit/rpc/frames.ts";
import { requireAllowed } from "#kit/rpc/http/heads.ts";
import { badRequest } from "#kit/rpc/undecodable.ts";

const timeoutHeader = "grpc-timeout";

/** True for a caller that understands an answer in gRPC. */
export function isGrpc(headers: IncomingHttpHeaders): boolean {
  return /^application\/grpc(?!-web)/i.test(headers["content-type"] ?? "");
}

/** Refuses a stream for its HTTP method or headers; returns the deadline, in milliseconds since the epoch. */
export function checkGrpcHead(headers: IncomingHttpHeaders): number {
  requireAllowed(headers[":method"] ?? "", ["POST"]);
  if (!/^application\/grpc(?:\+proto)?(?:;|$)/i.test(headers["content-type"] ?? "")) {
    throw new Failure(Reason.UNSUPPORTED_MEDIA_TYPE, { metadata: { unsupported: "content-type" } });
  }
  if (!frameEncodings.includes(encodingOf(headers))) {
    throw new Failure(Reason.UNSUPPORTED_MEDIA_TYPE, { metadata: { unsupported: "grpc-encoding" } });
  }
  const { timeoutMs, error } = timeoutOf(headers);
  if (error !== undefined) {
    throw badRequest(timeoutHeader, "malformed timeout");
  }
  return timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
}

/** How the message of a call may be compressed. */
export function encodingOf(headers: IncomingHttpHeaders): string {
  return String(headers["grpc-encoding"] ?? "identity");
}

/** True for a head that grpc-js reads as we do; a deadline for which no timer can wait is removed. */
export function isForGrpcJs(headers: IncomingHttpHeaders): boolean {
  try {
    checkGrpcHead(headers);
  } catch {
    return false;
  }
  if ((timeoutOf(headers).timeoutMs ?? 0) >= 2 ** 31) {
    delete headers[timeoutHeader];
  }
  return true;
}

function timeoutOf(headers: IncomingHttpHeaders) {
  const value = headers[timeoutHeader];
  return parseTimeout(value === undefined ? null : String(value), Number.MAX_SAFE_INTEGER);
}
