import { escapeRegex } from "../routes.ts";
import { type Config, typedConfig } from "./config.ts";

/** What browsers on other origins may send and read. */
export const crossOrigin = {
  methods: ["GET", "POST"],
  requestHeaders: [
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
  ],
  responseHeaders: [
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    "idempotent-replayed",
    "retry-after",
    "x-request-id",
  ],
  maxAgeSeconds: 7200,
};

/** The policy of all routes. Credentials are allowed for the refresh cookie. */
export function createCorsPolicy(allowedOrigins: readonly string[]): Config {
  return typedConfig("envoy.extensions.filters.http.cors.v3.CorsPolicy", {
    allow_origin_string_match: allowedOrigins.map(matchOrigin),
    allow_methods: crossOrigin.methods.join(", "),
    allow_headers: crossOrigin.requestHeaders.join(", "),
    expose_headers: crossOrigin.responseHeaders.join(", "),
    allow_credentials: true,
    max_age: String(crossOrigin.maxAgeSeconds),
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
