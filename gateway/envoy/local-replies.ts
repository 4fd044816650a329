import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import type { Language } from "#kit/contract/failure-status.ts";
import { type Config, grpcContentType, typed } from "./config.ts";
import { createRefusal, placeholders, type Refusal } from "./refusal.ts";

/**
 * The reason that callers get for a status that Envoy chose itself; the first match counts. Envoy answers 403 only
 * for a token of another audience and for a protocol to upgrade to, such as WebSocket.
 */
const replies: { filter: Config; reason: Reason }[] = [
  { filter: and(status("EQ", 401), detailsContain("Jwks_remote_fetch")), reason: Reason.SERVICE_UNAVAILABLE },
  { filter: status("EQ", 401), reason: Reason.UNAUTHORIZED_TOKEN },
  { filter: and(status("EQ", 403), detailsContain("upgrade_failed")), reason: Reason.BAD_REQUEST },
  { filter: status("EQ", 403), reason: Reason.UNAUTHORIZED_TOKEN },
  { filter: status("EQ", 404), reason: Reason.METHOD_NOT_FOUND },
  { filter: status("EQ", 405), reason: Reason.HTTP_METHOD_NOT_ALLOWED },
  { filter: status("EQ", 408), reason: Reason.DEADLINE_EXCEEDED },
  { filter: status("EQ", 413), reason: Reason.REQUEST_TOO_LARGE },
  { filter: status("EQ", 429), reason: Reason.RATE_LIMITED },
  { filter: status("EQ", 431), reason: Reason.REQUEST_TOO_LARGE },
  { filter: status("EQ", 504), reason: Reason.DEADLINE_EXCEEDED },
  { filter: status("EQ", 500), reason: Reason.INTERNAL_SERVER_ERROR },
  { filter: status("GE", 500), reason: Reason.SERVICE_UNAVAILABLE },
  { filter: status("GE", 400), reason: Reason.BAD_REQUEST },
];

/** Gives Envoy's own refusals the caller's language and the shape of its protocol, with the details of services. */
export function createLocalReplies(): Config {
  return {
    mappers: replies.flatMap(({ filter, reason }) =>
      (["en", "ko"] as const).flatMap(language => {
        const spoken = language === "ko" ? filter : and(filter, callerSpeaks(language));
        const refusal = createRefusal(reason, language);
        return [
          grpcMapper(spoken, refusal),
          ...grpcWebMappers(spoken, refusal),
          ...connectStreamMappers(spoken, refusal),
          plainMapper(spoken, refusal),
        ];
      }),
    ),
  };
}

/** True if `prepare-request.lua` found this language; false for a request that Envoy refuses even earlier. */
function callerSpeaks(language: Language): Config {
  const value = { string_match: { exact: language } };
  return {
    metadata_filter: {
      matcher: { filter: "gateway", path: [{ key: "language" }], value },
      match_if_key_not_found: false,
    },
  };
}

/** Envoy encodes the gRPC response; status, message and details come from the refusal. */
function grpcMapper(filter: Config, refusal: Refusal): Config {
  return {
    filter: and(filter, { header_filter: { header: grpcContentType } }),
    body: { inline_string: refusal.message },
    headers_to_add: [
      header("grpc-status", String(refusal.code)),
      header("grpc-status-details-bin", refusal.statusDetails),
      ...commonHeaders(refusal),
    ],
  };
}

function grpcWebMappers(filter: Config, refusal: Refusal): Config[] {
  const trailers = Buffer.from(refusal.grpcWebTrailers);
  const bodies = {
    "application/grpc-web-text": Buffer.from(trailers.toString("base64")),
    "application/grpc-web": trailers,
  };
  return Object.entries(bodies).map(([type, body]) => ({
    ...mapper(and(filter, contentType(type)), refusal, { body, contentType: `${type}+proto` }),
    status_code: 200,
  }));
}

function connectStreamMappers(filter: Config, refusal: Refusal): Config[] {
  return ["application/connect+json", "application/connect+proto"].map(type => ({
    ...mapper(and(filter, contentType(type)), refusal, {
      body: refusal.connectEndOfStream,
      contentType: type,
    }),
    status_code: 200,
  }));
}

/** Unary Connect calls with POST and GET, and all other requests. */
function plainMapper(filter: Config, refusal: Refusal): Config {
  const body = Buffer.from(refusal.connectError);
  return {
    ...mapper(filter, refusal, { body, contentType: "application/json" }),
    status_code: refusal.httpStatus,
  };
}

function mapper(filter: Config, refusal: Refusal, answer: { body: Uint8Array; contentType: string }): Config {
  return {
    filter,
    headers_to_add: commonHeaders(refusal),
    body_format_override: {
      text_format_source: { inline_bytes: toFormat(answer.body).toString("base64") },
      content_type: answer.contentType,
      omit_empty_values: true,
    },
  };
}

/** A body as a format string: percent signs are escaped, then placeholders become commands. */
function toFormat(body: Uint8Array): Buffer {
  const format = Buffer.from(body)
    .toString("latin1")
    .replaceAll("%", "%%")
    .replace(placeholders.requestId, "%REQ(X-REQUEST-ID)%")
    .replace(placeholders.traceId, "%TRACE_ID%")
    .replace(placeholders.requestInfo, "%DYNAMIC_METADATA(gateway:request_info)%");
  return Buffer.from(format, "latin1");
}

/** A cache must not serve a text in another language, or to another origin. The challenge replaces Envoy's own, which
 * repeats the whole URL. */
function commonHeaders({ httpStatus, retryAfterSeconds }: Refusal): Config[] {
  return [
    header("vary", "origin, accept-language"),
    ...(httpStatus === 401 ? [header("www-authenticate", "Bearer")] : []),
    ...(retryAfterSeconds === undefined ? [] : [header("retry-after", String(retryAfterSeconds))]),
  ];
}

function header(key: string, value: string): Config {
  return { header: { key, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" };
}

/** True if Envoy's log gives this reason. */
function detailsContain(text: string): Config {
  return {
    extension_filter: typed(
      "envoy.access_loggers.extension_filters.cel",
      "envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
      { expression: `response.code_details.contains('${text}')` },
    ),
  };
}

function status(op: "EQ" | "GE", value: number): Config {
  const comparison = {
    op,
    value: { default_value: value, runtime_key: `local_reply.${op}_${value}`.toLowerCase() },
  };
  return { status_code_filter: { comparison } };
}

function contentType(prefix: string): Config {
  return { header_filter: { header: { name: "content-type", string_match: { prefix } } } };
}

function and(...filters: Config[]): Config {
  return { and_filter: { filters } };
}
