import type { Needs } from "./needs.ts";

/** An object of the Kubernetes API. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
}

/** What is deployed together: a service, the site, the gateway, or a job that runs before a rollout. */
export interface Part {
  readonly name: string;
  readonly needs: Needs;
  readonly objects: readonly KubernetesObject[];
}
