import { lifecycle, servingObjects, spread } from "./deployment.ts";
import { ports, sitePort } from "./names.ts";
import { needsFor, needsOf } from "./needs.ts";
import type { Part } from "./part.ts";
import { podOf } from "./pod.ts";
import { resourcesOf } from "./resources.ts";

const containerPort = (name: string, port: number) => ({ name, containerPort: port });

// A service drains for DRAIN_DELAY_MS and DRAIN_LIMIT_MS after preStop; five seconds more to write how it ended.
const drainSeconds = 5 + 5 + 30 + 5 + 5;

/** A service of the mesh. */
export async function servicePart(service: string): Promise<Part> {
  const needs = await needsOf(service);
  const template = podOf({
    part: service,
    command: ["services/main.js", service],
    needs,
    keys: true,
    container: {
      ports: Object.entries(ports).map(([name, port]) => containerPort(name, port)),
      ...lifecycle("probe", "/readyz", "/livez"),
      resources: resourcesOf(service),
    },
    pod: { terminationGracePeriodSeconds: drainSeconds, topologySpreadConstraints: spread(service) },
  });
  return {
    name: service,
    needs,
    objects: servingObjects(service, template, [
      { name: "grpc", port: ports.grpc, appProtocol: "kubernetes.io/h2c" },
      { name: "http", port: ports.http, appProtocol: "http" },
    ]),
  };
}

/** The site: pages that mails and the PSP link to, the OpenAPI document, the explorer. */
export function sitePart(): Part {
  const needs = needsFor([], { LISTEN_HOST: "0.0.0.0", SITE_PORT: String(sitePort) });
  const template = podOf({
    part: "site",
    command: ["gateway/site/main.js"],
    needs,
    keys: false,
    container: {
      ports: [containerPort("http", sitePort)],
      ...lifecycle("http", "/", "/"),
      resources: { requests: { cpu: "20m", memory: "96Mi" }, limits: { memory: "256Mi" } },
    },
    pod: { terminationGracePeriodSeconds: 20, topologySpreadConstraints: spread("site") },
  });
  return {
    name: "site",
    needs,
    objects: servingObjects("site", template, [{ name: "http", port: sitePort, appProtocol: "http" }]),
  };
}
