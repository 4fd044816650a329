import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../node/run.ts";
import type { KubernetesObject } from "../objects/part.ts";
import { namespace } from "./names.ts";
import { requirePatched } from "./require-patched.ts";

/** A resource of Envoy, in the JSON of its protocol. */
export type Resource = { [key: string]: unknown };

/** What Envoy Gateway would send to Envoy. */
interface Translation {
  readonly listeners: readonly Resource[];
  readonly routes: readonly Resource[];
  readonly clusters: readonly Resource[];
  readonly endpoints: readonly Resource[];
}

/** A port of a service, of which a translation knows the address alone. */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly appProtocol: string;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message: string;
}

/**
 * Translates objects with Envoy Gateway's own translator, which also checks them by the rules in their definitions.
 * Throws if it does not accept one of them.
 */
export async function translate(
  program: string,
  objects: readonly KubernetesObject[],
  services: readonly ServicePort[],
): Promise<Translation> {
  const folder = mkdtempSync(join(tmpdir(), "questioncloud-gateway-api-"));
  try {
    const file = join(folder, "objects.yaml");
    const all = [
      namespaceObject,
      ...serviceObjects(services),
      ...objects.map(each => withTargets(each, objects)),
    ];
    writeFileSync(file, all.map(object => JSON.stringify(object)).join("\n---\n"));
    const options = ["--from", "gateway-api", "--to", "gateway-api,xds", "--output", "json"];
    const output = JSON.parse(await run(program, ["experimental", "translate", ...options, "--file", file]));
    requireAccepted(output);
    const translation = readConfigDump(Object.values(output.xds)[0] as ConfigDump);
    requirePatched(objects, type => translation[kinds[type] ?? "endpoints"]);
    return translation;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Where a translation has the resources of a type that patches change. */
const kinds: Readonly<Record<string, keyof Translation>> = {
  "type.googleapis.com/envoy.config.listener.v3.Listener": "listeners",
  "type.googleapis.com/envoy.config.route.v3.RouteConfiguration": "routes",
  "type.googleapis.com/envoy.config.cluster.v3.Cluster": "clusters",
};

interface Selecting {
  readonly spec: {
    readonly targetSelectors?: readonly {
      group: string;
      kind: string;
      matchLabels: Record<string, string>;
    }[];
  };
}

/** The command forgets the labels of routes, so policies name the routes that their selectors mean. */
function withTargets(object: KubernetesObject, objects: readonly KubernetesObject[]): KubernetesObject {
  const { targetSelectors, ...spec } = (object as unknown as Selecting).spec;
  if (targetSelectors === undefined) {
    return object;
  }
  const targetRefs = targetSelectors.flatMap(({ group, kind, matchLabels }) =>
    objects
      .filter(each => each.kind === kind)
      .map(each => each.metadata as { name: string; labels: Record<string, string> })
      .filter(({ labels }) => Object.entries(matchLabels).every(([key, value]) => labels[key] === value))
      .map(({ name }) => ({ group, kind, name })),
  );
  return { ...object, spec: { ...spec, targetRefs } } as KubernetesObject;
}

const namespaceObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };

/** The address of a service in a translation. */
export function addressOfService(services: readonly ServicePort[], name: string): string {
  const names = [...new Set(services.map(service => service.name))];
  return `10.96.1.${names.indexOf(name) + 1}`;
}

function serviceObjects(services: readonly ServicePort[]): KubernetesObject[] {
  return [...Map.groupBy(services, ({ name }) => name)].map(([name, each]) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: {
      clusterIP: addressOfService(services, name),
      ports: each.map(({ port, appProtocol }) => ({
        name: `port-${port}`,
        protocol: "TCP",
        port,
        targetPort: port,
        appProtocol,
      })),
    },
  })) as KubernetesObject[];
}

/** The conditions of objects are somewhere in their status, by the kind of object. */
function requireAccepted(output: unknown): void {
  const refused: string[] = [];
  const visit = (value: unknown, path: string) => {
    if (Array.isArray(value)) {
      value.forEach((each, index) => {
        const { metadata } = each as { metadata?: { name?: string } };
        visit(each, `${path} ${metadata?.name ?? index}`);
      });
    } else if (typeof value === "object" && value !== null) {
      for (const [key, each] of Object.entries(value)) {
        if (key === "conditions") {
          refused.push(...describeRefusals(each as Condition[], path));
        } else {
          visit(each, `${path} ${key}`);
        }
      }
    }
  };
  visit(output, "");
  if (refused.length > 0) {
    throw new Error(`Envoy Gateway does not accept these objects:\n${refused.join("\n")}`);
  }
}

function describeRefusals(conditions: readonly Condition[], path: string): string[] {
  return conditions
    .filter(({ type, status }) => /^(Accepted|ResolvedRefs|Programmed)$/.test(type) && status === "False")
    .map(({ type, message }) => `${path}: not ${type}: ${message}`);
}

interface ConfigDump {
  readonly configs: readonly Resource[];
}

function readConfigDump({ configs }: ConfigDump): Translation {
  const all = <T>(key: string) => configs.flatMap(config => (config[key] ?? []) as T[]);
  const untyped = ({ "@type": _, ...resource }: Resource) => resource;
  return {
    listeners: all<{ activeState: { listener: Resource } }>("dynamicListeners").map(({ activeState }) =>
      untyped(activeState.listener),
    ),
    routes: all<{ routeConfig: Resource }>("dynamicRouteConfigs").map(({ routeConfig }) =>
      untyped(routeConfig),
    ),
    clusters: all<{ cluster: Resource }>("dynamicActiveClusters").map(({ cluster }) => untyped(cluster)),
    endpoints: all<{ endpointConfig: Resource }>("dynamicEndpointConfigs").map(({ endpointConfig }) =>
      untyped(endpointConfig),
    ),
  };
}
