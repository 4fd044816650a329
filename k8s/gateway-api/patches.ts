import { readFileSync } from "node:fs";
import { ejectUnreachable } from "#gateway/envoy/clusters.ts";
import { createCorsPolicy } from "#gateway/envoy/cors.ts";
import {
  clockSkewSeconds,
  corsFilter,
  createCorsFilter,
  createLuaFilter,
  createRateFilter,
  jwtFilter,
  luaFilter,
  userIds,
} from "#gateway/envoy/http-filters.ts";
import { createLocalReplies } from "#gateway/envoy/local-replies.ts";
import type { EnvoyOptions } from "#gateway/envoy/options.ts";
import { refusals } from "#gateway/envoy/virtual-host.ts";
import { clientLimits, upstreamLimits } from "#gateway/limits.ts";
import { type RouteTable, routedServices, verbsOf } from "#gateway/routes.ts";
import { ports, sitePort } from "../objects/names.ts";
import type { KubernetesObject } from "../objects/part.ts";
import { envoyObject, namespace, theGateway, xdsName } from "./names.ts";
import { canNameOrigins } from "./policies.ts";
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
    patch("filters", listener, createFilterOperations(table, options)),
    ...createOriginPatches(options),
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
function createFilterOperations(table: RouteTable, options: EnvoyOptions): Operation[] {
  const filters = `${manager}/http_filters`;
  const tokenFilter = `$.default_filter_chain.filters[1].typed_config.http_filters[?(@.name == '${jwtFilter}')]`;
  const provider = { op: "add", jsonPath: `${tokenFilter}.typed_config.providers[*]` } as const;
  return [
    ...(canNameOrigins(options)
      ? []
      : [{ op: "add", path: `${filters}/1`, value: createCorsFilter() } as const]),
    { op: "add", path: `${filters}/2`, value: createRateFilter(options, "DYNAMIC") },
    { op: "add", path: `${filters}/2`, value: createLuaFilter(createRouteCode(table)) },
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

/** What the request is prepared with: the code of the project's own Envoy, and the refusals by the names of routes. */
function createRouteCode(table: RouteTable): string {
  const verbs = new Map([...table.rpc, ...table.http].map(verbsOf).map(each => [onlyVerbs(each), each]));
  const all = {
    ...Object.fromEntries([...verbs].map(([name, each]) => [name, refusals.otherVerbs(each)])),
    [onlyVerbs(["POST"])]: refusals.otherVerbs(["POST"]),
    [refusing.escapedSlash]: refusals.escapedSlash,
    [refusing.unlistedRpc]: refusals.unlistedRpc,
  };
  const answers = Object.entries(all).map(([name, metadata]) => {
    const { refuse } = metadata[luaFilter] as { refuse: LuaValue };
    return [name, refuse] as const;
  });
  const readable = table.rpc.filter(route => verbsOf(route).length > 1);
  const verbsOfPath = readable.map(route => [route.path, onlyVerbs(verbsOf(route))] as const);
  return [
    `\nlocal refusals = ${luaTable(Object.fromEntries(answers))}`,
    `local verbs_of = ${luaTable(Object.fromEntries(verbsOfPath))}`,
    `local hedge_after_ms = ${upstreamLimits.hedgeAfterMs}`,
    `local try_share_of_time = ${upstreamLimits.retries.shareOfTime}`,
    routeName,
  ].join("\n");
}

const routeName = readFileSync(new URL("route-name.lua", import.meta.url), "utf8");

type LuaValue = string | { readonly [key: string]: LuaValue };

function luaTable(value: LuaValue): string {
  if (typeof value === "string") {
    return JSON.stringify(value);
  }
  const entries = Object.entries(value).map(([key, each]) => `[${JSON.stringify(key)}] = ${luaTable(each)}`);
  return `{ ${entries.join(", ")} }`;
}

/**
 * Origins with any port, and IPv6 addresses: a filter of its own, because the policy of origins would be in every route
 * and Envoy Gateway reads all routes again for each one that a patch changes.
 */
function createOriginPatches({ allowedOrigins }: EnvoyOptions): KubernetesObject[] {
  if (canNameOrigins({ allowedOrigins })) {
    return [];
  }
  const policy = createCorsPolicy(allowedOrigins);
  return [
    patch("origins", { ...listener, type: types.routes }, [
      { op: "add", path: `/virtual_hosts/0/typed_per_filter_config/${corsFilter}`, value: policy },
    ]),
  ];
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
