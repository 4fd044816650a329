import { type Config, escapeRegex, typedConfig } from "./config.ts";

const requestHeaders = [
  "authorization",
  "baggage",
  "content-type",
  "connect-protocol-version",
  "connect-timeout-ms",
  "grpc-timeout",
  "idempotency-key",
  "traceparent",
  "tracestate",
  "x-grpc-web",
  "x-user-agent",
];

const responseHeaders = [
  "grpc-status",
  "grpc-message",
  "grpc-status-details-bin",
  "idempotent-replayed",
  "retry-after",
  "x-request-id",
];

/** What browsers on other origins may send and read. Credentials are allowed for the refresh cookie. */
export function createCorsPolicy(allowedOrigins: readonly string[]): Config {
  return typedConfig("envoy.extensions.filters.http.cors.v3.CorsPolicy", {
    allow_origin_string_match: allowedOrigins.map(matchOrigin),
    allow_methods: "GET, POST",
    allow_headers: requestHeaders.join(", "),
    expose_headers: responseHeaders.join(", "),
    allow_credentials: true,
    max_age: "7200",
    forward_not_matching_preflights: false,
  });
}

/** An origin; one that ends with `:*` allows all ports of its host. */
function matchOrigin(origin: string): Config {
  const anyPort = /^(.*):\*$/.exec(origin)?.[1];
  return anyPort === undefined
    ? { exact: origin }
    : { safe_regex: { regex: `${escapeRegex(anyPort)}(:[0-9]+)?` } };
}
