import { ejectUnreachable } from "#gateway/envoy/clusters.ts";
import { seconds } from "#gateway/envoy/config.ts";
import { createCorsPolicy } from "#gateway/envoy/cors.ts";
import {
  clockSkewSeconds,
  corsFilter,
  createLuaFilter,
  createRateFilter,
  createRateMetadata,
  jwtFilter,
  userIds,
} from "#gateway/envoy/http-filters.ts";
import { createLocalReplies } from "#gateway/envoy/local-replies.ts";
import type { EnvoyOptions } from "#gateway/envoy/options.ts";
import { refusals } from "#gateway/envoy/virtual-host.ts";
import { clientLimits } from "#gateway/limits.ts";
import { type RouteTable, routedServices, verbsOf } from "#gateway/routes.ts";
import { ports, sitePort } from "../objects/names.ts";
import type { KubernetesObject } from "../objects/part.ts";
import { duration, envoyObject, namespace, theGateway, xdsName } from "./names.ts";
import { isPlainOrigin } from "./policies.ts";
import { onlyVerbs, refusing } from "./routes.ts";

interface Operation {
  readonly op: "add" | "remove" | "replace";
  readonly path?: string;
  readonly jsonPath?: string;
  readonly value?: unknown;
}

/** What no policy of Envoy Gateway can say, made from the same parts as Envoy's own configuration. */
export function createPatches(table: RouteTable, options: EnvoyOptions): KubernetesObject[] {
  return [
    patch("refusals", listener, [
      // What Envoy answers itself, in the protocol and language of the caller.
      { op: "add", path: `${manager}/local_reply_config`, value: createLocalReplies() },
      { op: "add", path: `${manager}/always_set_request_id_in_response`, value: true },
    ]),
    patch("filters", listener, createFilterOperations(options)),
    patch("routes", { ...listener, type: types.routes }, createRouteOperations(table, options)),
    patch(
      "ejection",
      clusterNames(table).map(name => ({ type: types.cluster, name })),
      [
        // Errors in answers do not count, and no replica is out for longer than some seconds.
        { op: "add", path: "/outlier_detection", value: ejectUnreachable },
      ],
    ),
  ];
}

const types = {
  listener: "type.googleapis.com/envoy.config.listener.v3.Listener",
  routes: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
  cluster: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
};

const listener = { type: types.listener, name: xdsName };

/** The filter after the one that limits connections. */
const manager = "/default_filter_chain/filters/1/typed_config";

/** The first filters are health check and CORS; rates count before tokens are verified. */
function createFilterOperations(options: EnvoyOptions): Operation[] {
  const filters = `${manager}/http_filters`;
  const tokenFilter = `$.default_filter_chain.filters[1].typed_config.http_filters[?(@.name == '${jwtFilter}')]`;
  const provider = { op: "add", jsonPath: `${tokenFilter}.typed_config.providers[*]` } as const;
  return [
    { op: "add", path: `${filters}/2`, value: createRateFilter(options) },
    { op: "add", path: `${filters}/2`, value: createLuaFilter() },
    { ...provider, path: "/subjects", value: userIds },
    { ...provider, path: "/clock_skew_seconds", value: clockSkewSeconds },
    { ...provider, path: "/remote_jwks/async_fetch/fast_listener", value: true },
    { op: "add", path: `${manager}/max_request_headers_kb`, value: clientLimits.headersKib },
    {
      op: "add",
      path: `${manager}/common_http_protocol_options/max_headers_count`,
      value: clientLimits.headers,
    },
  ];
}

function createRouteOperations(table: RouteTable, { allowedOrigins }: EnvoyOptions): Operation[] {
  const all = [...table.rpc, ...table.http];
  const rates = new Set([...all, table.site].map(({ rate }) => rate));
  const verbs = new Map(all.map(verbsOf).map(each => [onlyVerbs(each), refusals.otherVerbs(each)]));
  const metadata = [
    ...[...rates].map(rate => [`[a-z]+-${rate}-.*`, createRateMetadata({ rate })] as const),
    ...[...verbs].map(([name, value]) => [`[a-z]+-${name}`, value] as const),
    [refusing.escapedSlash, refusals.escapedSlash] as const,
    [refusing.unlistedRpc, refusals.unlistedRpc] as const,
  ];
  return [
    ...metadata.flatMap(([name, value]) =>
      Object.entries(value).map(([key, each]) => ({
        op: "add" as const,
        jsonPath: routesNamed(`(http|grpc)route/${namespace}/${name}/`),
        path: `/metadata/filter_metadata/${key}`,
        value: each,
      })),
    ),
    ...[...new Set(table.rpc.map(({ timeoutMs }) => timeoutMs))].map(timeoutMs => ({
      op: "add" as const,
      jsonPath: routesNamed(`grpcroute/${namespace}/[a-z]+-[a-z]+-token-[a-z]+-${duration(timeoutMs)}[/-]`),
      path: "/route/timeout",
      value: seconds(timeoutMs),
    })),
    // gRPC has POST alone.
    {
      op: "add",
      jsonPath: routesNamed(`grpcroute/${namespace}/`),
      path: "/match/headers/-",
      value: { name: ":method", string_match: { exact: "POST" } },
    },
    ...(allowedOrigins.every(isPlainOrigin) ? [] : [allowOrigins(allowedOrigins)]),
  ];
}

const routesNamed = (start: string) => `$.virtual_hosts[*].routes[?(@.name =~ '^${start}')]`;

/** Origins with any port, and IPv6 addresses. */
function allowOrigins(origins: readonly string[]): Operation {
  return {
    op: "add",
    jsonPath: `$.virtual_hosts[*].routes[*].typed_per_filter_config['${corsFilter}']`,
    path: "/allow_origin_string_match",
    value: createCorsPolicy(origins).allow_origin_string_match,
  };
}

/** Routes to the same port of a service share a cluster. */
function clusterNames(table: RouteTable): string[] {
  const name = (service: string, port: number, protocol: string) =>
    `service/${namespace}/${service}/${port}/${protocol}`;
  return [
    ...routedServices(table).flatMap(service => [
      name(service, ports.grpc, "grpc"),
      name(service, ports.http, "http"),
    ]),
    name("site", sitePort, "http"),
  ];
}

interface PatchedResource {
  readonly type: string;
  readonly name: string;
}

function patch(
  name: string,
  resources: PatchedResource | readonly PatchedResource[],
  operations: readonly Operation[],
): KubernetesObject {
  const jsonPatches = [resources]
    .flat()
    .flatMap(({ type, name }) => operations.map(operation => ({ type, name, operation })));
  return envoyObject("EnvoyPatchPolicy", name, { targetRef: theGateway, type: "JSONPatch", jsonPatches });
}
