import type { IJob } from "kubernetes-models/batch/v1/Job";
import { serviceNames } from "#kit/contract/contracts.ts";
import { variablesOf } from "#kit/process/config.ts";
import { migrationConfig } from "#ops/migrate.ts";
import { topologyConfig } from "#ops/topology.ts";
import { serviceAccount } from "./deployment.ts";
import { metadataOf } from "./names.ts";
import { type Needs, needsFor } from "./needs.ts";
import type { Part } from "./part.ts";
import { podOf } from "./pod.ts";

/** Brings every schema to the state that the code needs. */
export function migratePart(): Part {
  const variables = serviceNames.flatMap(service => variablesOf(migrationConfig(service)));
  return jobPart("migrate", needsFor(variables, {}), ["ops/migrate.js"]);
}

/** Makes topics, queues and dead letter queues. */
export function topologyPart(): Part {
  return jobPart("topology", needsFor(variablesOf(topologyConfig), {}), ["ops/topology.js", "apply"]);
}

function jobPart(name: string, needs: Needs, command: readonly string[]): Part {
  const job: IJob = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: metadataOf(name),
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: 3600,
      ttlSecondsAfterFinished: 86_400,
      template: podOf({
        part: name,
        command,
        needs,
        keys: false,
        container: { resources: { requests: { cpu: "100m", memory: "192Mi" }, limits: { memory: "512Mi" } } },
        pod: { restartPolicy: "Never" },
      }),
    },
  };
  return { name, needs, objects: [serviceAccount(name), job] };
}
