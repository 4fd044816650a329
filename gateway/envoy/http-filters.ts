import { readFileSync } from "node:fs";
import { clientLimits } from "../limits.ts";
import type { Route } from "../routes.ts";
import { type Config, typed } from "./config.ts";
import { defaultRates, type EnvoyOptions, type RateLimit } from "./options.ts";

const filters = "envoy.extensions.filters.http";

/** Names by which routes configure a filter. */
export const jwtFilter = "envoy.filters.http.jwt_authn";
export const corsFilter = "envoy.filters.http.cors";
export const luaFilter = "envoy.filters.http.lua";

/** Names of the two token requirements. */
export const tokenRequired = "required";
export const tokenOptional = "optional";

/** The filter chain, in order: CORS, language and routes that refuse, rate limit, token, body limit, router. */
export function createHttpFilters(options: EnvoyOptions): Config[] {
  return [
    createCorsFilter(),
    createLuaFilter(),
    createRateFilter(options),
    createJwtFilter(options),
    createBodyLimit(),
    typed("envoy.filters.http.router", `${filters}.router.v3.Router`, { suppress_envoy_headers: true }),
  ];
}

/** Answers browsers by the policy of the route. */
export function createCorsFilter(): Config {
  return typed(corsFilter, `${filters}.cors.v3.Cors`);
}

/** Finds the caller's language, and refuses on the routes whose metadata say so, or as `more` code says. */
export function createLuaFilter(more = ""): Config {
  return typed(luaFilter, `${filters}.lua.v3.Lua`, {
    default_source_code: { inline_string: `${prepareRequest}${more}` },
  });
}

const prepareRequest = readFileSync(new URL("prepare-request.lua", import.meta.url), "utf8");

/** Counts bytes as they pass; does not buffer the body. */
function createBodyLimit(): Config {
  return typed("envoy.filters.http.body_size_limit", `${filters}.body_size_limit.v3.BodySizeLimit`, {
    max_request_bytes: clientLimits.bodyBytes,
  });
}

/** The metadata from which the rate filter reads the class of a route. */
export function createRateMetadata({ rate }: Pick<Route, "rate">): Config {
  return { gateway: { rate } };
}

/**
 * Buckets are in Envoy's memory, one per class and client address; the least recently used are dropped. The class is in
 * the metadata of the route, or of the request where a filter before this one puts it there.
 */
export function createRateFilter(
  { rates = defaultRates }: Pick<EnvoyOptions, "rates">,
  source: "ROUTE_ENTRY" | "DYNAMIC" = "ROUTE_ENTRY",
): Config {
  return typed("envoy.filters.http.local_ratelimit", `${filters}.local_ratelimit.v3.LocalRateLimit`, {
    stat_prefix: "gateway",
    token_bucket: { max_tokens: 1_000_000, tokens_per_fill: 1_000_000, fill_interval: "1s" },
    always_consume_default_token_bucket: false,
    max_dynamic_descriptors: 10_000,
    rate_limits: [{ actions: rateKey(source) }],
    descriptors: Object.entries(rates).map(([rate, limit]) => ({
      entries: [{ key: "rate", value: rate }, { key: "masked_remote_address" }],
      token_bucket: createBucket(limit),
    })),
    filter_enabled: always,
    filter_enforced: always,
  });
}

/** Counts by rate class and client address; for IPv6 by /64 network, because a household has a whole network. */
const rateKey = (source: string) => [
  {
    metadata: {
      descriptor_key: "rate",
      metadata_key: { key: "gateway", path: [{ key: "rate" }] },
      source,
    },
  },
  { masked_remote_address: { v4_prefix_mask_len: 32, v6_prefix_mask_len: 64 } },
];

function createBucket({ requests, perSeconds }: RateLimit): Config {
  return { max_tokens: requests, tokens_per_fill: requests, fill_interval: `${perSeconds}s` };
}

const always = { default_value: { numerator: 100, denominator: "HUNDRED" } };

/** What a token must state besides issuer and audience. */
export const userIds = { safe_regex: { regex: "[0-9]+" } };
export const clockSkewSeconds = 30;

/** The name by which the access log finds the claims of a token. */
export const tokenMetadata = "token";

/** Refuses a bad token early and forwards the header, because services verify tokens themselves. */
function createJwtFilter({ issuer, audience, jwks }: EnvoyOptions): Config {
  const provider = {
    issuer,
    audiences: [audience],
    subjects: userIds,
    remote_jwks: {
      http_uri: { uri: `http://${jwks.host}:${jwks.port}${jwks.path}`, cluster: "jwks", timeout: "2s" },
      cache_duration: `${jwks.cacheSeconds ?? 60}s`,
      async_fetch: { fast_listener: true },
    },
    from_headers: [{ name: "authorization", value_prefix: "Bearer " }],
    forward: true,
    payload_in_metadata: tokenMetadata,
    clock_skew_seconds: clockSkewSeconds,
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
