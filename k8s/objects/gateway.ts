import type { IPodTemplateSpec } from "kubernetes-models/v1/PodTemplateSpec";
import { servingObjects, spread } from "./deployment.ts";
import { gatewayPort, labelsOf } from "./names.ts";
import { needsFor } from "./needs.ts";
import type { Part } from "./part.ts";
import { containerSecurity, podSecurity } from "./pod.ts";

/** Set by kustomize to the name and tag of a registry. */
const image = "envoy";

/** Envoy with the configuration that `npm run gateway -- print` makes; the only part that is reachable from outside. */
export function gatewayPart(): Part {
  const part = "gateway";
  const connects = { tcpSocket: { port: "http" } };
  const template: IPodTemplateSpec = {
    metadata: { labels: labelsOf(part) },
    spec: {
      serviceAccountName: part,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 20,
      topologySpreadConstraints: spread(part),
      securityContext: podSecurity,
      containers: [
        {
          name: part,
          image,
          args: ["envoy", "--config-path", "/etc/gateway/envoy.json", "--log-level", "warning"],
          ports: [{ name: "http", containerPort: gatewayPort }],
          startupProbe: { ...connects, periodSeconds: 1, failureThreshold: 60 },
          readinessProbe: { ...connects, periodSeconds: 2, failureThreshold: 2 },
          livenessProbe: { ...connects, periodSeconds: 10, failureThreshold: 3 },
          // Load balancers learn that the pod ends before it closes connections.
          lifecycle: { preStop: { sleep: { seconds: 10 } } },
          resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "256Mi" } },
          securityContext: containerSecurity,
          volumeMounts: [
            { name: "config", mountPath: "/etc/gateway", readOnly: true },
            { name: "tmp", mountPath: "/tmp" },
          ],
        },
      ],
      volumes: [
        { name: "config", configMap: { name: "gateway-envoy" } },
        { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } },
      ],
    },
  };
  return {
    name: part,
    needs: needsFor([], {}),
    objects: servingObjects(part, template, [{ name: "http", port: gatewayPort, appProtocol: "http" }]),
  };
}
