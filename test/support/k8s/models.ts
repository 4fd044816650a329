import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import { Job } from "kubernetes-models/batch/v1/Job";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { Service } from "kubernetes-models/v1/Service";
import { ServiceAccount } from "kubernetes-models/v1/ServiceAccount";

const models = [
  Deployment,
  HorizontalPodAutoscaler,
  Job,
  NetworkPolicy,
  PodDisruptionBudget,
  Service,
  ServiceAccount,
];

type Model = new (data: never) => { validate(): void };

/** The class of an object, which checks it by the schema of the Kubernetes API. */
export function modelOf({ apiVersion, kind }: { apiVersion: string; kind: string }): Model {
  const found = models.find(model => model.apiVersion === apiVersion && model.kind === kind);
  if (found === undefined) {
    throw new Error(`no model of ${apiVersion} ${kind}`);
  }
  return found as unknown as Model;
}
