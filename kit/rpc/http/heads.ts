import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import {
  parseTimeout as parseConnectTimeout,
  parseContentType as parseConnectType,
} from "@connectrpc/connect/protocol-connect";
import { parseTimeout as parseGrpcTimeout } from "@connectrpc/connect/protocol-grpc";
import { parseContentType as parseWebType } from "@connectrpc/connect/protocol-grpc-web";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Endpoint, Format } from "#kit/rpc/endpoints.ts";
import type { HttpCall } from "#kit/rpc/http/call.ts";
import { badRequest } from "#kit/rpc/undecodable.ts";

/**
 * Refuses a call for its HTTP method or headers; returns the encoding of its messages, and the caller's deadline in
 * milliseconds since the epoch. What a page of another site can send without a preflight is harmless, whether or not
 * it says `connect-protocol-version`: a form or `text/plain` has no content type that is served, and GET exists only
 * for methods without side effects.
 */
export function checkHead(call: HttpCall, endpoint: Endpoint): { deadlineMs: number; format: Format } {
  if (call.requestHeaders.get("host") === null) {
    throw badRequest("host", "missing");
  }
  requireAllowed(call.verb, mayBeRead(call, endpoint) ? ["POST", "GET"] : ["POST"]);
  const isBinary = requireSupportedType(call);
  requireUncompressed(call);
  requireVersion(call);
  return { deadlineMs: deadlineOf(call), format: isBinary ? endpoint.binary : endpoint.json };
}

function mayBeRead({ protocol }: HttpCall, { method }: Endpoint): boolean {
  return protocol !== "grpc-web" && method.idempotency === Idempotency.NO_SIDE_EFFECTS;
}

/** Refuses an HTTP method that a path does not have. */
export function requireAllowed(verb: string, allowed: readonly string[]): void {
  if (!allowed.includes(verb)) {
    const allow = allowed.flatMap(each => (each === "GET" ? ["GET", "HEAD"] : [each])).join(", ");
    throw new Failure(Reason.HTTP_METHOD_NOT_ALLOWED, { metadata: { allow } });
  }
}

/** Returns whether messages are binary; otherwise they are JSON. */
function requireSupportedType({ protocol, verb, query, contentType }: HttpCall): boolean {
  const encoding = query.get("encoding");
  if (verb === "GET" && encoding !== "json" && encoding !== "proto") {
    throw unsupported("encoding");
  }
  const type = protocol === "grpc-web" ? parseWebType(contentType) : parseConnectType(contentType);
  const isSupported = type !== undefined && !("stream" in type && type.stream);
  if (!isSupported && (verb !== "GET" || contentType !== "")) {
    throw unsupported("content-type");
  }
  return verb === "GET" ? encoding === "proto" : type?.binary === true;
}

function requireUncompressed({ verb, query, requestHeaders }: HttpCall): void {
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
