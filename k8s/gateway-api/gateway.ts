import { accessLogFields } from "#gateway/envoy/observability.ts";
import type { EnvoyOptions } from "#gateway/envoy/options.ts";
import { createRouteTable, type RouteTable } from "#gateway/routes.ts";
import type { KubernetesObject } from "../objects/part.ts";
import { envoyApi, envoyObject, gatewayName, listenerName, namespace, routeObject } from "./names.ts";
import { createPatches } from "./patches.ts";
import { createPolicies } from "./policies.ts";
import { createRoutes } from "./routes.ts";

/** The gateway as resources of the Gateway API and of Envoy Gateway, by the names of their files. */
export function createGatewayApi(options: EnvoyOptions, table: RouteTable = createRouteTable()) {
  return {
    gateway: [gatewayClass(), envoyProxy(options), gateway(options)],
    routes: createRoutes(table, options),
    policies: createPolicies(options),
    patches: createPatches(table, options),
  };
}

/** Gateway classes belong to the whole cluster. */
function gatewayClass(): KubernetesObject {
  const { metadata, ...object } = routeObject("GatewayClass", gatewayName, {
    controllerName: `${envoyApi}/gatewayclass-controller`,
    parametersRef: { group: envoyApi, kind: "EnvoyProxy", name: gatewayName, namespace },
  });
  const { namespace: _, ...rest } = metadata as { name: string; namespace: string };
  return { ...object, metadata: rest };
}

/** Envoy itself. */
function envoyProxy({ accessLog }: EnvoyOptions): KubernetesObject {
  const path = accessLog === "stdout" ? "/dev/stdout" : accessLog;
  return envoyObject("EnvoyProxy", gatewayName, {
    logging: { level: { default: "warn" } },
    // All routes to a service share its connections.
    mergeBackends: {},
    telemetry: {
      accessLog: {
        settings: [
          { format: { type: "JSON", json: accessLogFields }, sinks: [{ type: "File", file: { path } }] },
        ],
      },
    },
  });
}

/** HTTP/1.1 and cleartext HTTP/2 on one port. */
function gateway({ listenPort }: EnvoyOptions): KubernetesObject {
  return routeObject("Gateway", gatewayName, {
    gatewayClassName: gatewayName,
    listeners: [
      {
        name: listenerName,
        protocol: "HTTP",
        port: listenPort,
        allowedRoutes: { namespaces: { from: "Same" } },
      },
    ],
  });
}
