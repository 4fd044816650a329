import { isIP } from "node:net";
import { socketAddress } from "#gateway/envoy/clusters.ts";
import type { Address, EnvoyOptions } from "#gateway/envoy/options.ts";
import { createRouteTable, type RouteTable, routedServices } from "#gateway/routes.ts";
import { ports, sitePort } from "../objects/names.ts";
import { createGatewayApi } from "./gateway.ts";
import { xdsName } from "./names.ts";
import { addressOfService, type Resource, type ServicePort, translate } from "./translate.ts";

/** A service of the cluster, and where its replicas really are. */
interface Backend extends ServicePort {
  readonly addresses: readonly Address[];
}

/** The keys of tokens may be elsewhere than the service that has them. */
const keys = "keys";

/**
 * Envoy's configuration as Envoy Gateway would send it, in one file: for an Envoy without Kubernetes, whose services
 * are at the addresses of the options.
 */
export async function renderTranslated(
  program: string,
  options: EnvoyOptions,
  table: RouteTable = createRouteTable(),
): Promise<string> {
  const backends = createBackends(options, table);
  const objects = Object.values(createGatewayApi(withNames(options, table), table)).flat();
  const { listeners, routes, clusters, endpoints } = await translate(program, objects, backends);
  const assignments = new Map(endpoints.map(each => [each.clusterName, each]));
  const host = options.listenHost ?? "127.0.0.1";
  return JSON.stringify({
    admin: { address: socketAddress({ host: "127.0.0.1", port: options.adminPort }) },
    static_resources: {
      // Not the listener by which Kubernetes asks whether Envoy is ready.
      listeners: listeners
        .filter(({ name }) => name === xdsName)
        .map(listener => ({
          ...withRoutes(listener, routes),
          address: socketAddress({ host, port: options.listenPort }),
        })),
      clusters: clusters.map(cluster => withEndpoints(cluster, assignments, backends)),
    },
  });
}

function createBackends(options: EnvoyOptions, table: RouteTable): Backend[] {
  const http = (name: string, port: number, addresses: readonly Address[]) => ({
    name,
    port,
    addresses,
    appProtocol: "http",
  });
  return [
    ...routedServices(table).flatMap(name => {
      const { grpc = [], http: plain = [] } = options.services[name] ?? {};
      return [
        { name, port: ports.grpc, addresses: grpc, appProtocol: "kubernetes.io/h2c" },
        http(name, ports.http, plain),
      ];
    }),
    http("site", sitePort, [options.site]),
    http(keys, ports.http, [options.jwks]),
  ];
}

/** The options with the names of services in the place of addresses. */
function withNames(options: EnvoyOptions, table: RouteTable): EnvoyOptions {
  const services = routedServices(table).map(host => [
    host,
    { grpc: [{ host, port: ports.grpc }], http: [{ host, port: ports.http }] },
  ]);
  return {
    ...options,
    services: Object.fromEntries(services),
    site: { host: "site", port: sitePort },
    jwks: { ...options.jwks, host: keys, port: ports.http },
  };
}

/** The listener gets its routes in the same message instead of asking for them. */
function withRoutes(listener: Resource, routes: readonly Resource[]): Resource {
  const text = JSON.stringify(listener, (_, value) => {
    const name = value?.rds?.routeConfigName;
    if (name === undefined) {
      return value;
    }
    const { rds, ...manager } = value;
    return { ...manager, routeConfig: routes.find(each => each.name === name) };
  });
  return JSON.parse(text);
}

interface Cluster extends Resource {
  readonly name: string;
  readonly edsClusterConfig?: { readonly serviceName?: string };
}

interface Assignment {
  readonly endpoints: { lbEndpoints: Endpoint[] }[];
}

interface Endpoint extends Resource {
  readonly endpoint: { readonly address: { readonly socketAddress: { address: string; portValue: number } } };
}

/** The cluster gets the addresses of its replicas in the same message instead of asking for them. */
function withEndpoints(
  cluster: Resource,
  assignments: ReadonlyMap<unknown, Resource>,
  backends: readonly Backend[],
): Resource {
  const { edsClusterConfig, type, ...others } = cluster as Cluster;
  if (edsClusterConfig === undefined) {
    return cluster;
  }
  const name = edsClusterConfig.serviceName ?? others.name;
  const { endpoints } = assignments.get(name) as unknown as Assignment;
  const addresses = endpoints.flatMap(({ lbEndpoints }) =>
    lbEndpoints.flatMap(({ endpoint }) => {
      const { address, portValue } = endpoint.address.socketAddress;
      return (
        backends.find(each => each.port === portValue && addressOfService(backends, each.name) === address)
          ?.addresses ?? []
      );
    }),
  );
  return {
    ...others,
    type: addresses.every(({ host }) => isIP(host)) ? "STATIC" : "STRICT_DNS",
    loadAssignment: {
      clusterName: name,
      endpoints: [
        { lbEndpoints: addresses.map(address => ({ endpoint: { address: socketAddress(address) } })) },
      ],
    },
  };
}
