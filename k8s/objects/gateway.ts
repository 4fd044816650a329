import type { IPodTemplateSpec } from "kubernetes-models/v1/PodTemplateSpec";
import { drainLimitMs, drainPath } from "#gateway/envoy/drain.ts";
import { createRouteTable } from "#gateway/routes.ts";
import { servingObjects, spread } from "./deployment.ts";
import { gatewayDrainPort, gatewayPort, labelsOf } from "./names.ts";
import { needsFor } from "./needs.ts";
import type { Part } from "./part.ts";
import { containerSecurity, podSecurity } from "./pod.ts";

/** Set by kustomize to the name and tag of a registry. */
const image = "envoy";

// The kubelet waits for the answer of preStop so long; the rest is for what is slower than it should be.
const graceSeconds = drainLimitMs(createRouteTable()) / 1000 + 10;

// Every answer from the start of a drain on tells its client to go elsewhere.
const options = ["--drain-strategy", "immediate", "--log-level", "warning"];

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
      terminationGracePeriodSeconds: graceSeconds,
      topologySpreadConstraints: spread(part),
      securityContext: podSecurity,
      containers: [
        {
          name: part,
          image,
          args: ["envoy", "--config-path", "/etc/gateway/envoy.json", ...options],
          ports: [
            { name: "http", containerPort: gatewayPort },
            { name: "drain", containerPort: gatewayDrainPort },
          ],
          startupProbe: { ...connects, periodSeconds: 1, failureThreshold: 60 },
          readinessProbe: { ...connects, periodSeconds: 2, failureThreshold: 2 },
          livenessProbe: { ...connects, periodSeconds: 10, failureThreshold: 3 },
          lifecycle: { preStop: { httpGet: { path: drainPath, port: "drain" } } },
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
