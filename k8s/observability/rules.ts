import { labelsOf, productLabels } from "../objects/names.ts";
import type { KubernetesObject } from "../objects/part.ts";
import { alertGroups, scrapeJob } from "./alerts.ts";
import type { RuleGroup } from "./rule-types.ts";
import { sloGroups } from "./slo-rules.ts";

/** Every rule of Prometheus, as a rule file has them. */
export function ruleGroups(): readonly RuleGroup[] {
  return [...sloGroups(), ...alertGroups()];
}

const metadata = (name: string) => ({ name, labels: labelsOf("observability") });

/** The rules and what is scraped, for the operator of Prometheus. */
export function monitoringObjects(): KubernetesObject[] {
  const rules = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: metadata("questioncloud"),
    spec: { groups: ruleGroups() },
  };
  const monitor = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: metadata("questioncloud"),
    spec: {
      selector: { matchLabels: productLabels },
      podMetricsEndpoints: [
        {
          port: "probe",
          interval: "30s",
          // A service names itself; what it does not label is labeled with the name of its pods.
          honorLabels: true,
          relabelings: [
            {
              sourceLabels: ["__meta_kubernetes_pod_label_app_kubernetes_io_name"],
              targetLabel: "service_name",
            },
            { targetLabel: "job", replacement: scrapeJob },
          ],
        },
      ],
    },
  };
  return [rules, monitor];
}
