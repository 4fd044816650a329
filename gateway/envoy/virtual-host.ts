import type { HttpRoute, Route, RouteTable, RpcRoute } from "../routes.ts";
import { clusterName } from "./clusters.ts";
import { type Config, grpcContentType, seconds, typed, typedConfig } from "./config.ts";
import { createCorsPolicy } from "./cors.ts";
import {
  bodyFilterName,
  corsFilter,
  createRateMetadata,
  jwtFilter,
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
    routes: [
      answer({ path: "/healthz" }, 200),
      ...table.rpc.flatMap(createRpcRoutes),
      ...table.http.map(createHttpRoute),
      ...unknownRpcs,
      createSiteRoute(table.site),
    ],
  };
}

/**
 * gRPC goes to the grpc listener, everything else to the http listener. OPTIONS needs a route although the CORS
 * filter answers it.
 */
function createRpcRoutes(route: RpcRoute): Config[] {
  const { path, service, access } = route;
  const verbs = route.safe ? ["GET", "POST", "OPTIONS"] : ["POST", "OPTIONS"];
  const token = typedConfig("envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig", {
    requirement_name: access === "public" ? tokenOptional : tokenRequired,
  });
  const grpc = forward(route, clusterName(service, "grpc"), { [jwtFilter]: token });
  const http = forward(route, clusterName(service, "http"), { [jwtFilter]: token });
  return [
    { match: { path, headers: [verb("POST"), grpcContentType] }, ...grpc },
    { match: { path, headers: [verb(...verbs)] }, ...http },
  ];
}

function createHttpRoute(route: HttpRoute): Config {
  return {
    match: { ...matchPath(route.path), headers: [verb(route.verb)] },
    ...forward(route, clusterName(route.service, "http")),
    request_headers_to_remove: credentials,
  };
}

function matchPath(path: string): Config {
  const prefix = /^(.*\/)\{\w+\}$/.exec(path)?.[1];
  return prefix === undefined
    ? { path }
    : { safe_regex: { regex: `${prefix.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}[^/]+` } };
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
    route: { cluster, ...createLimits(route), retry_policy: createRetry(route) },
    metadata: createRateMetadata(route),
    typed_per_filter_config: { ...limitBody(route), ...filters },
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
].map(match => answer(match, 404));

/** The timeout starts at the end of the request. A stream may be idle for one minute and last ten. */
function createLimits(route: Route): Config {
  if (route.timeoutMs > 0) {
    return { timeout: seconds(route.timeoutMs) };
  }
  return { timeout: "0s", idle_timeout: "60s", max_stream_duration: { max_stream_duration: "600s" } };
}

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

function limitBody({ bodyLimitBytes }: Route): Config {
  return {
    [bodyFilterName(bodyLimitBytes)]: typedConfig("envoy.config.route.v3.FilterConfig", { config: {} }),
  };
}

function answer(match: Config, status: number): Config {
  return { match, direct_response: { status } };
}

function verb(...verbs: string[]): Config {
  return { name: ":method", string_match: { safe_regex: { regex: verbs.join("|") } } };
}
