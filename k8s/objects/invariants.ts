import { serviceNames } from "#kit/contract/contracts.ts";
import { variablesOf } from "#kit/process/config.ts";
import { invariantsConfig } from "#ops/verify-invariants.ts";
import { servingObjects } from "./deployment.ts";
import { ports } from "./names.ts";
import { needsFor } from "./needs.ts";
import type { Part } from "./part.ts";
import { podOf } from "./pod.ts";

/** Verifies the invariants each hour and shows Prometheus the result; its database users need to read only. */
export function invariantsPart(): Part {
  const needs = needsFor(variablesOf(invariantsConfig(serviceNames)), {});
  const template = podOf({
    part: "invariants",
    command: ["ops/verify-invariants.js", "--listen", `0.0.0.0:${ports.probe}`],
    needs,
    keys: false,
    ownSecrets: true,
    container: {
      ports: [{ name: "probe", containerPort: ports.probe }],
      livenessProbe: { httpGet: { path: "/livez", port: "probe" }, periodSeconds: 30, failureThreshold: 4 },
      resources: { requests: { cpu: "50m", memory: "192Mi" }, limits: { memory: "512Mi" } },
    },
  });
  const [account, deployment] = servingObjects("invariants", template, []);
  return {
    name: "invariants",
    needs,
    objects: [account, { ...deployment, spec: { ...deployment.spec, replicas: 1 } } as typeof deployment],
  };
}
