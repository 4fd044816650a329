import { stringify } from "yaml";
import { clientLimits } from "../limits.ts";
import { createRouteTable, type RouteTable } from "../routes.ts";
import { createClusters, socketAddress } from "./clusters.ts";
import { type Config, typed } from "./config.ts";
import { createDrain } from "./drain.ts";
import { createListener } from "./listener.ts";
import type { EnvoyOptions } from "./options.ts";

/** Renders `envoy.yaml`. Throws if a service with a public route has no address. */
export function renderEnvoy(options: EnvoyOptions, table: RouteTable = createRouteTable()): string {
  return stringify(createBootstrap(table, options), { aliasDuplicateObjects: false, lineWidth: 0 });
}

function createBootstrap(table: RouteTable, options: EnvoyOptions): Config {
  const drain = createDrain(table, options);
  return {
    // Without a name of its own, Envoy takes no secrets from a file.
    ...(options.tlsSecretsFolder && { node: { id: "gateway", cluster: "gateway" } }),
    admin: { address: socketAddress({ host: "127.0.0.1", port: options.adminPort }) },
    overload_manager: {
      resource_monitors: [
        typed(
          "envoy.resource_monitors.global_downstream_max_connections",
          "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
          { max_active_downstream_connections: clientLimits.connections },
        ),
      ],
    },
    bootstrap_extensions: drain.extensions,
    static_resources: {
      listeners: [createListener(table, options), ...drain.listeners],
      clusters: [...createClusters(table, options), ...drain.clusters],
    },
  };
}
