import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { parseTimeout as parseConnectTimeout } from "@connectrpc/connect/protocol-connect";
import { parseTimeout as parseGrpcTimeout } from "@connectrpc/connect/protocol-grpc";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { isText, withoutText } from "#kit/rpc/grpc-web-text.ts";
import type { HttpCall } from "#kit/rpc/http-call.ts";
import { badRequest } from "#kit/rpc/undecodable.ts";

/**
 * Refuses a call for its HTTP method or headers, so that Connect sees only what it serves; returns the caller's
 * deadline in milliseconds since the epoch. What a page of another site can send without a preflight is harmless,
 * whether or not it says `connect-protocol-version`: a form or `text/plain` has no content type that is served, and
 * GET exists only for methods without side effects.
 */
export function checkHead(call: HttpCall, handler: UniversalHandler): number {
  if (!call.requestHeaders.has("host")) {
    throw badRequest("host", "missing");
  }
  requireAllowed(call.verb, handler.allowedMethods);
  requireSupported(call, handler);
  requireVersion(call);
  return deadlineOf(call);
}

/** Refuses an HTTP method that a path does not have. */
export function requireAllowed(verb: string, allowed: readonly string[]): void {
  if (!allowed.includes(verb)) {
    const allow = allowed.flatMap(each => (each === "GET" ? ["GET", "HEAD"] : [each])).join(", ");
    throw new Failure(Reason.HTTP_METHOD_NOT_ALLOWED, { metadata: { allow } });
  }
}

function requireSupported({ verb, query, contentType, requestHeaders }: HttpCall, handler: UniversalHandler) {
  const encoding = query.get("encoding");
  if (verb === "GET" && encoding !== "json" && encoding !== "proto") {
    throw unsupported("encoding");
  }
  const type = isText(contentType) ? withoutText(contentType) : contentType;
  if (!(handler.supportedContentType(type) || (verb === "GET" && type === ""))) {
    throw unsupported("content-type");
  }
  for (const header of ["content-encoding", "grpc-encoding"]) {
    if ((requestHeaders.get(header) || "identity") !== "identity") {
      throw unsupported(header);
    }
  }
  if (verb === "GET" && (query.get("compression") || "identity") !== "identity") {
    throw unsupported("compression");
  }
}

function unsupported(name: string): Failure {
  return new Failure(Reason.UNSUPPORTED_MEDIA_TYPE, { metadata: { unsupported: name } });
}

function requireVersion({ verb, query, requestHeaders }: HttpCall): void {
  if (verb === "GET" && (query.get("connect") ?? "v1") !== "v1") {
    throw badRequest("connect", "must be v1");
  }
  if ((requestHeaders.get("connect-protocol-version") ?? "1") !== "1") {
    throw badRequest("connect-protocol-version", "must be 1");
  }
}

function deadlineOf({ protocol, requestHeaders }: HttpCall): number {
  const [header, parse] =
    protocol === "grpc-web"
      ? (["grpc-timeout", parseGrpcTimeout] as const)
      : (["connect-timeout-ms", parseConnectTimeout] as const);
  const { timeoutMs, error } = parse(requestHeaders.get(header), Number.MAX_SAFE_INTEGER);
  if (error !== undefined) {
    throw badRequest(header, "malformed timeout");
  }
  return timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
}
