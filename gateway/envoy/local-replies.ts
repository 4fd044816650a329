import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { type Config, grpcContentType, typed } from "./config.ts";
import { createRefusal, type Refusal } from "./refusal.ts";

/**
 * What Envoy refuses itself, by the status it chose, and the reason that callers are told. Status 403 comes from the check of tokens
 * alone, for a token of another audience. The first entry that fits counts.
 */
const replies: { filter: Config; reason: Reason; httpStatus?: number }[] = [
  { filter: and(status("EQ", 401), keysUnavailable()), reason: Reason.SERVICE_UNAVAILABLE },
  { filter: status("EQ", 401), reason: Reason.UNAUTHORIZED_TOKEN },
  { filter: status("EQ", 403), reason: Reason.UNAUTHORIZED_TOKEN },
  { filter: status("EQ", 404), reason: Reason.METHOD_NOT_FOUND, httpStatus: 404 },
  { filter: status("EQ", 408), reason: Reason.DEADLINE_EXCEEDED },
  { filter: status("EQ", 413), reason: Reason.REQUEST_TOO_LARGE },
  { filter: status("EQ", 429), reason: Reason.RATE_LIMITED },
  { filter: status("EQ", 431), reason: Reason.REQUEST_TOO_LARGE },
  { filter: status("EQ", 504), reason: Reason.DEADLINE_EXCEEDED },
  { filter: status("EQ", 500), reason: Reason.INTERNAL_SERVER_ERROR },
  { filter: status("GE", 500), reason: Reason.SERVICE_UNAVAILABLE },
  { filter: status("GE", 400), reason: Reason.BAD_REQUEST },
];

/** Gives Envoy's own refusals the shape of the caller's protocol, with the same details as those of the services. */
export function createLocalReplies(): Config {
  return {
    mappers: replies.flatMap(({ filter, reason, httpStatus }) => {
      const refusal = createRefusal(reason);
      return [
        grpcMapper(filter, refusal),
        ...grpcWebMappers(filter, refusal),
        ...connectStreamMappers(filter, refusal),
        plainMapper(filter, { ...refusal, ...(httpStatus && { httpStatus }) }),
      ];
    }),
  };
}

/** Envoy makes the answer; only the status, the message and the details are ours. */
function grpcMapper(filter: Config, refusal: Refusal): Config {
  return {
    filter: and(filter, { header_filter: { header: grpcContentType } }),
    body: { inline_string: refusal.message },
    headers_to_add: [
      header("grpc-status", String(refusal.code)),
      header("grpc-status-details-bin", refusal.statusDetails),
      ...challenge(refusal),
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

/** Unary Connect calls by POST and GET, and whoever else asks. */
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
    headers_to_add: challenge(refusal),
    body_format_override: {
      text_format_source: { inline_bytes: doublePercent(answer.body).toString("base64") },
      content_type: answer.contentType,
    },
  };
}

/** Envoy reads `%` as the beginning of a command. */
function doublePercent(body: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(body).toString("latin1").replaceAll("%", "%%"), "latin1");
}

/** Takes the place of Envoy's own challenge, which repeats the whole URL. */
function challenge(refusal: Refusal): Config[] {
  return refusal.httpStatus === 401 ? [header("www-authenticate", "Bearer")] : [];
}

function header(key: string, value: string): Config {
  return { header: { key, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" };
}

/** True where the token could not be checked because its keys could not be had. */
function keysUnavailable(): Config {
  return {
    extension_filter: typed(
      "envoy.access_loggers.extension_filters.cel",
      "envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
      { expression: "response.code_details.contains('Jwks_remote_fetch')" },
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
