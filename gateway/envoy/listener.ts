import { clientLimits } from "../limits.ts";
import type { RouteTable } from "../routes.ts";
import { socketAddress } from "./clusters.ts";
import { type Config, seconds, typed } from "./config.ts";
import { createHttpFilters } from "./http-filters.ts";
import { createLocalReplies } from "./local-replies.ts";
import { createAccessLog, createTracing } from "./observability.ts";
import type { EnvoyOptions } from "./options.ts";
import { createVirtualHost } from "./virtual-host.ts";

/** HTTP/1.1 and cleartext HTTP/2 on one port. */
export function createListener(table: RouteTable, options: EnvoyOptions): Config {
  return {
    name: "ingress",
    address: socketAddress({ host: options.listenHost ?? "127.0.0.1", port: options.listenPort }),
    // What a drain applies to.
    traffic_direction: "INBOUND",
    per_connection_buffer_limit_bytes: clientLimits.bufferBytes,
    filter_chains: [
      {
        filters: [
          typed(
            "envoy.filters.network.http_connection_manager",
            "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            createConnectionManager(table, options),
          ),
        ],
      },
    ],
  };
}

function createConnectionManager(table: RouteTable, options: EnvoyOptions): Config {
  return {
    stat_prefix: "ingress",
    codec_type: "AUTO",
    ...limits,
    ...strictPaths,
    ...untrustedClients,
    generate_request_id: true,
    preserve_external_request_id: false,
    always_set_request_id_in_response: true,
    ...createTracing(options.otel),
    access_log: createAccessLog(options.accessLog),
    local_reply_config: createLocalReplies(),
    http_filters: createHttpFilters(options),
    route_config: { name: "ingress", virtual_hosts: [createVirtualHost(table, options.allowedOrigins)] },
  };
}

const limits = {
  request_headers_timeout: seconds(clientLimits.headersTimeoutMs),
  request_timeout: seconds(clientLimits.requestTimeoutMs),
  stream_idle_timeout: seconds(clientLimits.streamIdleTimeoutMs),
  max_request_headers_kb: clientLimits.headersKib,
  common_http_protocol_options: {
    idle_timeout: seconds(clientLimits.idleTimeoutMs),
    headers_with_underscores_action: "DROP_HEADER",
    max_headers_count: clientLimits.headers,
  },
  http2_protocol_options: {
    max_concurrent_streams: clientLimits.streamsPerConnection,
    initial_stream_window_size: clientLimits.streamWindowBytes,
    initial_connection_window_size: clientLimits.connectionWindowBytes,
  },
};

/** Escaped slashes are refused by a route: what Envoy refuses earlier gets no request id. */
const strictPaths = {
  normalize_path: true,
  merge_slashes: true,
  path_with_escaped_slashes_action: "KEEP_UNCHANGED",
};

/** Headers that state who the caller is or control Envoy; removed from requests that come from outside. */
export const identityHeaders = [
  "forwarded",
  "x-forwarded-client-cert",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-jwt-payload",
  "x-real-ip",
  "x-service-token",
  "x-user-id",
  "x-user-role",
];

/** Prefixes of such headers, which are the project's and Envoy's own. */
export const identityHeaderPrefixes = ["x-questioncloud-", "x-envoy-"];

const untrustedClients = {
  use_remote_address: true,
  server_header_transformation: "PASS_THROUGH",
  early_header_mutation_extensions: [
    typed(
      "envoy.http.early_header_mutation.header_mutation",
      "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
      {
        mutations: [
          ...identityHeaders.map(remove => ({ remove })),
          ...identityHeaderPrefixes.map(prefix => ({
            remove_on_match: { key_matcher: { prefix, ignore_case: true } },
          })),
        ],
      },
    ),
  ],
};
