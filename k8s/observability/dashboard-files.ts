import { stringify } from "yaml";
import { dashboards } from "./dashboards.ts";
import { grafanaDashboard } from "./panels.ts";

/** A folder with a file for each dashboard, and a ConfigMap of each, which Grafana's sidecar finds by its label. */
export function dashboardFiles(): (readonly [path: string, text: string])[] {
  const all = dashboards();
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    generatorOptions: { disableNameSuffixHash: true, labels: { grafana_dashboard: "1" } },
    configMapGenerator: all.map(({ uid }) => ({ name: `dashboard-${uid}`, files: [`${uid}.json`] })),
  };
  return [
    ["dashboards/kustomization.yaml", stringify(kustomization)],
    ...all.map(each => {
      const text = `${JSON.stringify(grafanaDashboard(each), null, 1)}\n`;
      return [`dashboards/${each.uid}.json`, text] as const;
    }),
  ];
}
