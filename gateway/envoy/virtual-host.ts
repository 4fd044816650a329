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

/** All routes, in the order in which they are tried: what is not listed and looks like an RPC does not exist. */
export function createVirtualHost(table: RouteTable, allowedOrigins: string[]): Config {
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

/** gRPC goes to the grpc listener, everything else to the http listener. A preflight needs a route, though the CORS filter answers it. */
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
    match: { path: route.path, headers: [verb(route.verb)] },
    ...forward(route, clusterName(route.service, "http")),
    request_headers_to_remove: credentials,
  };
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

/** Methods of the mesh, methods that do not exist, and the ports' own services: whatever speaks an RPC protocol or looks like it. */
const unknownRpcs = [
  { prefix: "/questioncloud." },
  { prefix: "/grpc." },
  { prefix: "/", headers: [{ name: "content-type", string_match: { prefix: "application/grpc" } }] },
  { prefix: "/", headers: [{ name: "content-type", string_match: { prefix: "application/connect+" } }] },
  { prefix: "/", headers: [{ name: "connect-protocol-version", present_match: true }] },
].map(match => answer(match, 404));

/** Times count from the end of the request. A stream may be silent for a minute and lasts ten at most. */
function createLimits(route: Route): Config {
  if (route.timeoutMs > 0) return { timeout: seconds(route.timeoutMs) };
  return { timeout: "0s", idle_timeout: "60s", max_stream_duration: { max_stream_duration: "600s" } };
}

/** Repeats what has not reached a service, and calls that may be repeated also when their answer was lost; on another replica if there is one. */
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
