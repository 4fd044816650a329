import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import formats from "ajv-formats";
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

interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
}

const ajv = formats.default(new Ajv({ strict: false, allErrors: true }));
const schemas = join(import.meta.dirname, "../../../k8s/schemas/kinds");

/** What is wrong with an object by the schema of its kind, which the Kubernetes API or an operator has. */
export function faultOf(object: Identity): string | undefined {
  const file = join(schemas, `${object.kind}.json`);
  if (existsSync(file)) {
    const validate =
      ajv.getSchema(file) ?? ajv.compile({ ...JSON.parse(readFileSync(file, "utf8")), $id: file });
    return validate(object) ? undefined : ajv.errorsText(validate.errors);
  }
  try {
    new (modelOf(object))(object as never).validate();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function modelOf({ apiVersion, kind }: Identity): Model {
  const found = models.find(model => model.apiVersion === apiVersion && model.kind === kind);
  if (found === undefined) {
    throw new Error(`no model of ${apiVersion} ${kind}`);
  }
  return found as unknown as Model;
}
