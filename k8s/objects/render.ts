import { parse, stringify } from "yaml";
import { readEnvoyOptions } from "#gateway/config.ts";
import { renderEnvoy } from "#gateway/envoy/render.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { createGatewayApi } from "../gateway-api/gateway.ts";
import { dashboardFiles } from "../observability/dashboard-files.ts";
import { monitoringObjects } from "../observability/rules.ts";
import { gatewayPart } from "./gateway.ts";
import { invariantsPart } from "./invariants.ts";
import { migratePart, topologyPart } from "./jobs.ts";
import { gatewayDrainPort, gatewayPort, ports, sitePort } from "./names.ts";
import type { KubernetesObject, Part } from "./part.ts";
import { envoyGatewayPolicies, networkPolicies } from "./policies.ts";
import { productionFiles } from "./production.ts";
import { servicePart, sitePart } from "./service.ts";
import { tlsFiles } from "./tls.ts";

/** Everything that is deployed. */
export interface Base {
  readonly serving: readonly Part[];
  readonly jobs: readonly Part[];
  readonly observing: readonly Part[];
  readonly policies: readonly KubernetesObject[];
}

/** What serves, and the jobs that run before a rollout. */
export async function createBase(): Promise<Base> {
  const serving = [...(await Promise.all(serviceNames.map(servicePart))), sitePart(), gatewayPart()];
  const jobs = [migratePart(), topologyPart()];
  const observing = [invariantsPart()];
  const parts = [...serving, ...jobs, ...observing];
  const backends = [...new Set(parts.flatMap(({ needs }) => needs.backends))].sort();
  return {
    serving,
    jobs,
    observing,
    policies: networkPolicies(
      parts.map(({ name }) => name),
      backends,
    ),
  };
}

/** The files of `k8s/base/`, by their paths in it. */
export async function renderBase(): Promise<ReadonlyMap<string, string>> {
  const { serving, jobs, observing, policies } = await createBase();
  const production = productionFiles(serving);
  const tls = tlsFiles(envoyVariables);
  return new Map([
    ["serving/kustomization.yaml", print([kustomization(serving, { gateway: true })])],
    // Without white space, because a ConfigMap holds at most 1 MiB.
    ["serving/envoy.json", `${JSON.stringify(parse(renderEnvoy(readEnvoyOptions(envoyVariables))))}\n`],
    ...serving.map(({ name, objects }) => [`serving/${name}.yaml`, print(objects)] as const),
    ["before-rollout/kustomization.yaml", print([kustomization(jobs, { gateway: false })])],
    ...jobs.map(({ name, objects }) => [`before-rollout/${name}.yaml`, print(objects)] as const),
    [
      "network/kustomization.yaml",
      print([{ ...kustomizationHead, resources: ["policies.yaml"] } as KubernetesObject]),
    ],
    ["network/policies.yaml", print(policies)],
    [
      "observability/kustomization.yaml",
      print([kustomization(observing, { gateway: false, resources: ["monitoring.yaml", "dashboards"] })]),
    ],
    ...observing.map(({ name, objects }) => [`observability/${name}.yaml`, print(objects)] as const),
    ...dashboardFiles().map(([file, text]) => [`observability/${file}`, text] as const),
    ["observability/monitoring.yaml", print(monitoringObjects())],
    ...gatewayApiFiles(),
    ["production/kustomization.yaml", print([production.kustomization])],
    ...Object.entries(production.objects).map(([name, all]) => [`production/${name}`, print(all)] as const),
    ["tls/kustomization.yaml", print([tls.kustomization])],
    ...Object.entries(tls.texts).map(([name, text]) => [`tls/${name}`, text] as const),
  ]);
}

/** The gateway once more, for clusters that have Envoy Gateway. */
function gatewayApiFiles(): (readonly [path: string, text: string])[] {
  const made = createGatewayApi(readEnvoyOptions(envoyVariables));
  const files = Object.entries({ ...made, network: envoyGatewayPolicies() });
  const resources = files.map(([name]) => `${name}.yaml`);
  return [
    ["gateway-api/kustomization.yaml", print([{ ...kustomizationHead, resources } as KubernetesObject])],
    ...files.map(([name, objects]) => [`gateway-api/${name}.yaml`, print(objects)] as const),
  ];
}

/** How the gateway finds the services of a cluster. */
export const envoyVariables = {
  GATEWAY_PORT: String(gatewayPort),
  GATEWAY_DRAIN_PORT: String(gatewayDrainPort),
  GATEWAY_SITE_ADDRESS: `site:${sitePort}`,
  USER_JWKS_URL: `http://user:${ports.http}/.well-known/jwks.json`,
};

const kustomizationHead = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" };

/** A changed ConfigMap gets a new name, by which the pods that read it are replaced. */
function kustomization(
  parts: readonly Part[],
  { gateway, resources = [] }: { gateway: boolean; resources?: readonly string[] },
): KubernetesObject {
  const literals = parts.map(({ name, needs }) => ({
    name,
    literals: Object.entries(needs.literals).map(([key, value]) => `${key}=${value}`),
  }));
  return {
    ...kustomizationHead,
    resources: [...parts.map(({ name }) => `${name}.yaml`), ...resources],
    configMapGenerator: [
      ...literals.filter(({ name }) => name !== "gateway"),
      ...(gateway ? [{ name: "gateway-envoy", files: ["envoy.json"] }] : []),
    ],
  } as KubernetesObject;
}

function print(objects: readonly KubernetesObject[]): string {
  const header = "# Made from the contracts by `npm run k8s -- render`; not edited.\n";
  return `${header}${objects
    .map(object => stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 }))
    .join("---\n")}`;
}
