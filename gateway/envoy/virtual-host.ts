import type { HttpRoute, Route, RouteTable, RpcRoute } from "../routes.ts";
import { clusterName } from "./clusters.ts";
import { type Config, escapeRegex, grpcContentType, seconds, typed, typedConfig } from "./config.ts";
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
    response_headers_to_remove: ["server", "x-powered-by"],
    response_headers_to_add: [{ header: { key: "vary", value: "origin" } }],
    routes: [
      { match: { path: "/healthz" }, direct_response: { status: 200 } },
      refuse({ safe_regex: { regex: ".*%(2[fF]|5[cC]).*" } }, 400),
      ...table.rpc.flatMap(createRpcRoutes),
      ...table.http.flatMap(createHttpRoutes),
      ...unknownRpcs,
      createSiteRoute(table.site),
    ],
  };
}

/** gRPC goes to the grpc listener, everything else to the http listener. */
function createRpcRoutes(route: RpcRoute): Config[] {
  const { path, service, access } = route;
  const verbs = route.safe ? ["GET", "HEAD", "POST"] : ["POST"];
  const token = typedConfig("envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig", {
    requirement_name: access === "public" ? tokenOptional : tokenRequired,
  });
  const grpc = forward(route, clusterName(service, "grpc"), { [jwtFilter]: token });
  const http = forward(route, clusterName(service, "http"), { [jwtFilter]: token });
  return [
    { match: { path, headers: [verb("POST"), grpcContentType] }, ...grpc },
    { match: { path, headers: [verb(...verbs)] }, ...http },
    refuse({ path }, 405, verbs),
  ];
}

function createHttpRoutes(route: HttpRoute): Config[] {
  const path = matchPath(route.path);
  const verbs = route.verb === "GET" ? ["GET", "HEAD"] : [route.verb];
  return [
    {
      match: { ...path, headers: [verb(...verbs)] },
      ...forward(route, clusterName(route.service, "http")),
      request_headers_to_remove: credentials,
    },
    refuse(path, 405, verbs),
  ];
}

function matchPath(path: string): Config {
  const prefix = /^(.*\/)\{\w+\}$/.exec(path)?.[1];
  return prefix === undefined ? { path } : { safe_regex: { regex: `${escapeRegex(prefix)}[^/]+` } };
}

function createSiteRoute(route: Route): Config {
  return {
    match: { prefix: route.path },
    ...forward(route, "site"),
    request_headers_to_remove: credentials,
  };
}

const credentials = ["authorization", "cookie"];

function forward(route: Route, cluster: string, filters: Config = {}): Config {
  return {
    // The timeout starts at the end of the request.
    route: { cluster, timeout: seconds(route.timeoutMs), retry_policy: createRetry(route) },
    metadata: createRateMetadata(route),
    typed_per_filter_config: filters,
  };
}

/**
 * Internal methods, methods that do not exist, health and reflection: everything that uses an RPC protocol or looks
 * like it.
 */
const unknownRpcs = [
  { prefix: "/questioncloud." },
  { prefix: "/grpc." },
  { prefix: "/", headers: [{ name: "content-type", string_match: { prefix: "application/grpc" } }] },
  { prefix: "/", headers: [{ name: "content-type", string_match: { prefix: "application/connect+" } }] },
  { prefix: "/", headers: [{ name: "connect-protocol-version", present_match: true }] },
].map(match => refuse(match, 404));

/**
 * Retries requests that did not reach a service and, if they may be repeated, those whose answer was lost; on another
 * replica if there is one.
 */
function createRetry({ repeatable }: Route): Config {
  const unsent = "connect-failure,refused-stream,reset-before-request";
  return {
    retry_on: repeatable ? `${unsent},reset` : unsent,
    num_retries: 2,
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
 * A route that refuses, with the HTTP methods that would be allowed. It names a cluster because the CORS filter passes
 * over direct responses; `prepare-request.lua` answers first.
 */
function refuse(match: Config, status: number, verbs: readonly string[] = []): Config {
  const allow = verbs.length > 0 ? { allow: verbs.join(", ") } : {};
  return {
    match,
    route: { cluster: "site" },
    metadata: { filter_metadata: { [luaFilter]: { refuse: { ":status": String(status), ...allow } } } },
  };
}

function verb(...verbs: string[]): Config {
  return { name: ":method", string_match: { safe_regex: { regex: verbs.join("|") } } };
}
