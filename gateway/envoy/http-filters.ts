import { bodyCeilingBytes, type RateClass, type Route, type RouteTable } from "../routes.ts";
import { type Config, typed } from "./config.ts";
import { defaultRates, type EnvoyOptions, type RateLimit } from "./options.ts";

const filters = "envoy.extensions.filters.http";

/** Under these names a route turns a filter on. */
export const jwtFilter = "envoy.filters.http.jwt_authn";
export const corsFilter = "envoy.filters.http.cors";

/** What a route asks of the token. */
export const tokenRequired = "required";
export const tokenOptional = "optional";

/** The chain, in order: other origins, how often, who, how much, whereto. */
export function createHttpFilters(table: RouteTable, options: EnvoyOptions): Config[] {
  const limits = new Set([...table.rpc, ...table.http, table.site].map(route => route.bodyLimitBytes));
  return [
    typed(corsFilter, `${filters}.cors.v3.Cors`),
    createRateFilter(options.rates ?? defaultRates),
    createJwtFilter(options),
    ...[...limits].map(bytes => ({ ...createBodyFilter(bytes), disabled: true })),
    createBodyFilter(bodyCeilingBytes),
    typed("envoy.filters.http.router", `${filters}.router.v3.Router`, { suppress_envoy_headers: true }),
  ];
}

/** The name of the filter that a route with this limit turns on. */
export function bodyFilterName(limitBytes: number): string {
  return `body-${limitBytes}`;
}

/** The metadata by which the rate filter knows a route's class. */
export function createRateMetadata({ rate }: Route): Config {
  return { filter_metadata: { gateway: { rate } } };
}

/** Buckets live in Envoy's memory, one for each class and address; beyond so many addresses the one longest unused goes. */
function createRateFilter(rates: Record<RateClass, RateLimit>): Config {
  return typed("envoy.filters.http.local_ratelimit", `${filters}.local_ratelimit.v3.LocalRateLimit`, {
    stat_prefix: "gateway",
    token_bucket: { max_tokens: 1_000_000, tokens_per_fill: 1_000_000, fill_interval: "1s" },
    always_consume_default_token_bucket: false,
    max_dynamic_descriptors: 10_000,
    rate_limits: [{ actions: rateKey }],
    descriptors: Object.entries(rates).map(([rate, limit]) => ({
      entries: [{ key: "rate", value: rate }, { key: "masked_remote_address" }],
      token_bucket: createBucket(limit),
    })),
    filter_enabled: always,
    filter_enforced: always,
    response_headers_to_add: [{ header: { key: "retry-after", value: "1" } }],
  });
}

/** The class of the route and the caller's address; of IPv6 the network, which is one household. */
const rateKey = [
  {
    metadata: {
      descriptor_key: "rate",
      metadata_key: { key: "gateway", path: [{ key: "rate" }] },
      source: "ROUTE_ENTRY",
    },
  },
  { masked_remote_address: { v4_prefix_mask_len: 32, v6_prefix_mask_len: 64 } },
];

function createBucket({ requests, perSeconds }: RateLimit): Config {
  return { max_tokens: requests, tokens_per_fill: requests, fill_interval: `${perSeconds}s` };
}

const always = { default_value: { numerator: 100, denominator: "HUNDRED" } };

/** A bad token is refused early; the services check again, so the header goes on to them. */
function createJwtFilter({ issuer, audience, jwks }: EnvoyOptions): Config {
  const provider = {
    issuer,
    audiences: [audience],
    remote_jwks: {
      http_uri: { uri: `http://${jwks.host}:${jwks.port}${jwks.path}`, cluster: "jwks", timeout: "2s" },
      cache_duration: `${jwks.cacheSeconds ?? 60}s`,
      async_fetch: { fast_listener: true },
    },
    from_headers: [{ name: "authorization", value_prefix: "Bearer " }],
    forward: true,
    payload_in_metadata: "token",
    clock_skew_seconds: 30,
  };
  return typed(jwtFilter, `${filters}.jwt_authn.v3.JwtAuthentication`, {
    providers: { questioncloud: provider },
    requirement_map: {
      [tokenRequired]: { provider_name: "questioncloud" },
      [tokenOptional]: {
        requires_any: { requirements: [{ provider_name: "questioncloud" }, { allow_missing: {} }] },
      },
    },
    bypass_cors_preflight: true,
  });
}

/** Counts without holding the body back. */
function createBodyFilter(limitBytes: number): Config {
  return typed(bodyFilterName(limitBytes), `${filters}.body_size_limit.v3.BodySizeLimit`, {
    max_request_bytes: limitBytes,
  });
}
