import { upstreamLimits } from "../limits.ts";
import {
  escapedSlash,
  type HttpRoute,
  type Route,
  type RouteTable,
  type RpcRoute,
  regexOf,
  unlistedRpcs,
  verbsOf,
} from "../routes.ts";
import { clusterName } from "./clusters.ts";
import { type Config, grpcContentType, seconds, typed, typedConfig } from "./config.ts";
import { createCorsPolicy } from "./cors.ts";
import {
  corsFilter,
  createRateMetadata,
  jwtFilter,
  luaFilter,
  tokenOptional,
  tokenRequired,
} from "./http-filters.ts";

/** All routes, in the order in which Envoy tries them. What looks like an RPC and is not listed does not exist. */
export function createVirtualHost(table: RouteTable, allowedOrigins: readonly string[]): Config {
  return {
    name: "all",
    domains: ["*"],
    typed_per_filter_config: { [corsFilter]: createCorsPolicy(allowedOrigins) },
    response_headers_to_remove: removedFromAnswers,
    response_headers_to_add: [{ header: varies }],
    routes: [
      { match: { path: "/healthz" }, direct_response: { status: 200 } },
      refuse({ safe_regex: { regex: escapedSlash } }, refusals.escapedSlash),
      ...table.rpc.flatMap(createRpcRoutes),
      ...table.http.flatMap(createHttpRoutes),
      ...createUnlistedRpcs(),
      createSiteRoute(table.site),
    ],
  };
}

/** Headers of services that callers do not get, and what a cache has to heed. */
export const removedFromAnswers = ["server", "x-powered-by"];
export const varies = { key: "vary", value: "origin" };

/** gRPC goes to the grpc listener, everything else to the http listener. */
function createRpcRoutes(route: RpcRoute): Config[] {
  const { path, service, access } = route;
  const verbs = verbsOf(route);
  const token = typedConfig("envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig", {
    requirement_name: access === "public" ? tokenOptional : tokenRequired,
  });
  const grpc = forward(route, clusterName(service, "grpc"), { [jwtFilter]: token });
  const http = forward(route, clusterName(service, "http"), { [jwtFilter]: token });
  return [
    { match: { path, headers: [verb("POST"), grpcContentType] }, ...grpc },
    { match: { path, headers: [verb(...verbs)] }, ...http },
    refuse({ path }, refusals.otherVerbs(verbs)),
  ];
}

function createHttpRoutes(route: HttpRoute): Config[] {
  const path = matchPath(route.path);
  const verbs = verbsOf(route);
  return [
    {
      match: { ...path, headers: [verb(...verbs)] },
      ...forward(route, clusterName(route.service, "http")),
      request_headers_to_remove: credentials,
    },
    refuse(path, refusals.otherVerbs(verbs)),
  ];
}

function matchPath(path: string): Config {
  const regex = regexOf(path);
  return regex === undefined ? { path } : { safe_regex: { regex } };
}

function createSiteRoute(route: Route): Config {
  return {
    match: { prefix: route.path },
    ...forward(route, "site"),
    request_headers_to_remove: credentials,
  };
}

/** Headers that only methods get. */
export const credentials = ["authorization", "cookie"];

function forward(route: Route, cluster: string, filters: Config = {}): Config {
  return {
    // The timeout starts at the end of the request.
    route: {
      cluster,
      timeout: seconds(route.timeoutMs),
      retry_policy: createRetry(route),
      ...(isHedged(route) && { hedge_policy: { hedge_on_per_try_timeout: true } }),
    },
    metadata: { filter_metadata: createRateMetadata(route) },
    typed_per_filter_config: filters,
  };
}

function createUnlistedRpcs(): Config[] {
  const matches = [
    ...unlistedRpcs.prefixes.map(prefix => ({ prefix })),
    ...unlistedRpcs.headers.map(({ name, prefix }) => ({
      prefix: "/",
      headers: [prefix === undefined ? { name, present_match: true } : { name, string_match: { prefix } }],
    })),
  ];
  return matches.map(match => refuse(match, refusals.unlistedRpc));
}

/** How long a repeatable request waits for one replica before it goes to another. */
function tryTimeoutMs(route: Route): number {
  return isHedged(route) ? upstreamLimits.hedgeAfterMs : route.timeoutMs * upstreamLimits.retries.shareOfTime;
}

/** What changes something is not hedged: its second call could only wait for the first, or be refused. */
export const isHedged = (route: Route) => "safe" in route && route.safe === true;

function createRetry(route: Route): Config {
  return {
    retry_on: retryTriggers(route).join(","),
    num_retries: upstreamLimits.retries.perRequest,
    ...(route.repeatable && { per_try_timeout: seconds(tryTimeoutMs(route)) }),
    retry_host_predicate: [
      typed(
        "envoy.retry_host_predicates.previous_hosts",
        "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
      ),
    ],
    host_selection_retry_max_attempts: 5,
  };
}

/**
 * Retries requests that did not reach a service and, if they may be repeated, those whose answer was lost; on another
 * replica if there is one.
 */
export function retryTriggers({ repeatable }: Pick<Route, "repeatable">): string[] {
  return ["connect-failure", "refused-stream", "reset-before-request", ...(repeatable ? ["reset"] : [])];
}

/**
 * A route that refuses. It names a cluster because the CORS filter passes over direct responses; `prepare-request.lua`
 * answers first.
 */
function refuse(match: Config, metadata: Config): Config {
  return { match, route: { cluster: "site" }, metadata: { filter_metadata: metadata } };
}

/** The metadata of routes that refuse, by their reason. */
export const refusals = {
  escapedSlash: refuseWith(400),
  unlistedRpc: refuseWith(404),
  /** Names the HTTP methods that would be allowed. */
  otherVerbs: (verbs: readonly string[]) => refuseWith(405, { allow: verbs.join(", ") }),
};

function refuseWith(status: number, headers: Readonly<Record<string, string>> = {}): Config {
  return { [luaFilter]: { refuse: { ":status": String(status), ...headers } } };
}

function verb(...verbs: string[]): Config {
  return { name: ":method", string_match: { safe_regex: { regex: verbs.join("|") } } };
}
