import { labelsOf } from "../objects/names.ts";
import type { KubernetesObject } from "../objects/part.ts";

/** The namespace of the objects: patches name Envoy's resources by it. */
export const namespace = "questioncloud";
export const gatewayName = "questioncloud";
export const listenerName = "http";

/** What Envoy Gateway calls the listener of Envoy, and its routes. */
export const xdsName = `${namespace}/${gatewayName}/${listenerName}`;

const routeApi = "gateway.networking.k8s.io";
export const envoyApi = "gateway.envoyproxy.io";
const versions = { [routeApi]: "v1", [envoyApi]: "v1alpha1" };

type Labels = Readonly<Record<string, string>>;

/** A duration in the form of the Gateway API, which knows no fractions. */
export function duration(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

/** An object of the Gateway API. */
export function routeObject(kind: string, name: string, spec: object, labels: Labels = {}): KubernetesObject {
  return objectOf(routeApi, kind, name, spec, labels);
}

/** An object of Envoy Gateway. */
export function envoyObject(kind: string, name: string, spec: object): KubernetesObject {
  return objectOf(envoyApi, kind, name, spec, {});
}

function objectOf(
  group: keyof typeof versions,
  kind: string,
  name: string,
  spec: object,
  labels: Labels,
): KubernetesObject {
  const metadata = {
    name,
    namespace,
    labels: { ...labelsOf("gateway"), ...labels },
  };
  return { apiVersion: `${group}/${versions[group]}`, kind, metadata, spec } as KubernetesObject;
}

/** The gateway, as a target of policies. */
export const theGateway = { group: routeApi, kind: "Gateway", name: gatewayName };

/** Routes of both kinds that have a label. */
export function routesWith(matchLabels: Labels) {
  return ["HTTPRoute", "GRPCRoute"].map(kind => ({ group: routeApi, kind, matchLabels }));
}
