import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IHorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodTemplateSpec } from "kubernetes-models/v1/PodTemplateSpec";
import type { IService } from "kubernetes-models/v1/Service";
import type { IServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import type { ITopologySpreadConstraint } from "kubernetes-models/v1/TopologySpreadConstraint";
import { metadataOf, selectorOf } from "./names.ts";
import { targetUtilization } from "./resources.ts";

/** What a part that serves consists of, besides its pod. */
export function servingObjects(
  part: string,
  template: IPodTemplateSpec,
  ports: readonly { name: string; port: number; appProtocol: string }[],
): readonly [IServiceAccount, IDeployment, IService, IPodDisruptionBudget, IHorizontalPodAutoscaler] {
  return [
    serviceAccount(part),
    deployment(part, template),
    service(part, ports),
    disruptionBudget(part),
    autoscaler(part),
  ];
}

/** An identity without a token: pods of the product never call the API server. */
export function serviceAccount(part: string): IServiceAccount {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: metadataOf(part),
    automountServiceAccountToken: false,
  };
}

function deployment(part: string, template: IPodTemplateSpec): IDeployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadataOf(part),
    spec: {
      // No number of replicas: the autoscaler owns it.
      minReadySeconds: 2,
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorOf(part) },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template,
    },
  };
}

/** Without an address of its own, so that clients see every pod and balance calls themselves. */
function service(
  part: string,
  ports: readonly { name: string; port: number; appProtocol: string }[],
): IService {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataOf(part),
    spec: {
      clusterIP: "None",
      selector: selectorOf(part),
      ports: ports.map(each => ({ ...each, targetPort: each.name })),
    },
  };
}

function disruptionBudget(part: string): IPodDisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadataOf(part),
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(part) } },
  };
}

function autoscaler(part: string): IHorizontalPodAutoscaler {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: metadataOf(part),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: part },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [
        {
          type: "Resource",
          resource: {
            name: "cpu",
            target: { type: "Utilization", averageUtilization: 100 * targetUtilization },
          },
        },
      ],
    },
  };
}

/** How a container starts, is checked and ends. */
export function lifecycle(probePort: string, ready: string, alive: string): Partial<IContainer> {
  const get = (path: string) => ({ httpGet: { path, port: probePort } });
  return {
    startupProbe: { ...get(alive), periodSeconds: 1, failureThreshold: 120 },
    readinessProbe: { ...get(ready), periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 },
    livenessProbe: { ...get(alive), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    // Load balancers learn that the pod ends before it refuses anything.
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
  };
}

/** Spreads the pods of a part over zones, then over nodes. */
export function spread(part: string): ITopologySpreadConstraint[] {
  return ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map(topologyKey => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: selectorOf(part) },
  }));
}
