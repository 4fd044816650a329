import { isIP } from "node:net";
import { upstreamLimits } from "../limits.ts";
import { type RouteTable, routedServices } from "../routes.ts";
import { type Config, seconds, typed, typedConfig } from "./config.ts";
import type { Address, EnvoyOptions, ServiceAddresses } from "./options.ts";
import { useTlsSecrets } from "./tls-secrets.ts";

/** The name of the cluster of a service's listener. */
export function clusterName(service: string, listener: "grpc" | "http"): string {
  return service === "site" ? "site" : `${service}-${listener}`;
}

/** One cluster per listener that has a route, and those for the site, the keys of tokens and the trace collector. */
export function createClusters(table: RouteTable, options: EnvoyOptions): Config[] {
  const services = routedServices(table).flatMap(name => {
    const { grpc, http } = findAddresses(options, name);
    return [
      { ...createCluster(clusterName(name, "grpc"), grpc, http2), ...createTls(options) },
      createCluster(clusterName(name, "http"), http, http1),
    ];
  });
  return [
    ...services,
    createCluster("site", [options.site], http1),
    createCluster("jwks", [options.jwks], http1),
    ...(options.otel ? [createCluster("otel", [options.otel], http2)] : []),
  ];
}

function createTls({ serviceCaFile, tlsSecretsFolder }: EnvoyOptions): Config {
  if (!serviceCaFile && !tlsSecretsFolder) {
    return {};
  }
  const certificates = tlsSecretsFolder
    ? useTlsSecrets(tlsSecretsFolder)
    : { validation_context: { trusted_ca: { filename: serviceCaFile } } };
  return {
    transport_socket: typed(
      "envoy.transport_sockets.tls",
      "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
      {
        auto_host_sni: true,
        auto_sni_san_validation: true,
        common_tls_context: {
          alpn_protocols: ["h2"],
          ...certificates,
        },
      },
    ),
  };
}

function findAddresses(options: EnvoyOptions, name: string): ServiceAddresses {
  const addresses = options.services[name];
  if (!addresses?.grpc.length || !addresses.http.length) {
    throw new Error(`The gateway needs a gRPC and an HTTP address for the service ${name}.`);
  }
  return addresses;
}

const common = { idle_timeout: seconds(upstreamLimits.idleTimeoutMs) };

const http1 = { http_protocol_options: {} };

const http2 = {
  http2_protocol_options: {
    max_concurrent_streams: upstreamLimits.streamsPerConnection,
    connection_keepalive: {
      interval: seconds(upstreamLimits.keepAlive.intervalMs),
      timeout: seconds(upstreamLimits.keepAlive.timeoutMs),
    },
  },
};

function createCluster(name: string, addresses: readonly Address[], protocol: Config): Config {
  const protocolOptions = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  return {
    name,
    type: addresses.every(({ host }) => isIP(host)) ? "STATIC" : "STRICT_DNS",
    dns_refresh_rate: seconds(upstreamLimits.resolveMs),
    connect_timeout: seconds(upstreamLimits.connectTimeoutMs),
    // Least request would prefer a replica that has just died.
    lb_policy: "ROUND_ROBIN",
    circuit_breakers: {
      thresholds: [
        {
          max_connections: upstreamLimits.connections,
          max_pending_requests: upstreamLimits.pendingRequests,
          max_requests: upstreamLimits.requests,
          retry_budget: retryBudget,
        },
      ],
    },
    outlier_detection: ejectUnreachable,
    typed_extension_protocol_options: {
      [protocolOptions]: typedConfig(protocolOptions, {
        common_http_protocol_options: common,
        explicit_http_config: protocol,
      }),
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [
        { lb_endpoints: addresses.map(address => ({ endpoint: { address: socketAddress(address) } })) },
      ],
    },
  };
}

const retryBudget = {
  budget_percent: { value: upstreamLimits.retries.percentOfRequests },
  min_retry_concurrency: upstreamLimits.retries.always,
};

/** Ejects a replica that cannot be reached for a short time. Error responses do not count. */
export const ejectUnreachable = {
  split_external_local_origin_errors: true,
  consecutive_local_origin_failure: upstreamLimits.ejection.failures,
  enforcing_consecutive_5xx: 0,
  enforcing_consecutive_gateway_failure: 0,
  enforcing_success_rate: 0,
  enforcing_local_origin_success_rate: 0,
  interval: seconds(upstreamLimits.ejection.intervalMs),
  base_ejection_time: seconds(upstreamLimits.ejection.baseMs),
  max_ejection_time: "10s",
  // Where all are ejected, Envoy uses all again. With a lower limit, a replica that has just come back and is still
  // ejected would keep calls on another that has gone meanwhile.
  max_ejection_percent: 100,
};

/** An address in Envoy's form. */
export function socketAddress({ host, port }: Address): Config {
  return { socket_address: { address: host, port_value: port } };
}
