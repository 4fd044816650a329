import { stringify } from "yaml";
import { metadataOf } from "./names.ts";
import type { KubernetesObject, Part } from "./part.ts";
import { certificateSecretOf, holders } from "./tls.ts";

const partOf = metadataOf("certificates").labels;
const rootAuthority = "services-root";
const authority = "services-authority";
const issuer = "services";

/**
 * What an installation of guarantees adds to `serving/`, as a component of kustomize: a certificate for each end of a
 * call, which cert-manager replaces, and the role of each service at AWS instead of keys.
 */
export function productionFiles(serving: readonly Part[]) {
  return {
    objects: { "certificates.yaml": [...authorities(), ...holders.map(certificate)] },
    kustomization: {
      apiVersion: "kustomize.config.k8s.io/v1alpha1",
      kind: "Component",
      resources: ["certificates.yaml"],
      components: ["../tls"],
      patches: serving.filter(callsAws).map(({ name }) => ({ patch: stringify(assumeRole(name)) })),
    } as KubernetesObject,
  };
}

/** An authority of our own that signs for a day at a time. */
function authorities(): KubernetesObject[] {
  const object = (kind: string, name: string, spec: Record<string, unknown>) =>
    ({
      apiVersion: "cert-manager.io/v1",
      kind,
      metadata: { name, labels: partOf },
      spec,
    }) as KubernetesObject;
  return [
    object("Issuer", rootAuthority, { selfSigned: {} }),
    object("Certificate", authority, {
      isCA: true,
      commonName: "questioncloud-services",
      secretName: authority,
      duration: "87600h",
      privateKey: { algorithm: "ECDSA", size: 256 },
      issuerRef: { name: rootAuthority, kind: "Issuer" },
    }),
    object("Issuer", issuer, { ca: { secretName: authority } }),
  ];
}

function certificate(holder: string): KubernetesObject {
  return {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: metadataOf(holder),
    spec: {
      secretName: certificateSecretOf(holder),
      // The name in the addresses by which others call it.
      dnsNames: [holder],
      usages: ["digital signature", "server auth", "client auth"],
      duration: "24h",
      renewBefore: "8h",
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
      issuerRef: { name: issuer, kind: "Issuer" },
    },
  } as KubernetesObject;
}

const callsAws = ({ needs }: Part) => needs.settings.includes("AWS_ACCOUNT_ID");

/** EKS gives the pods of this account short-lived credentials of the role. */
function assumeRole(part: string): KubernetesObject {
  const role = `arn:aws:iam::000000000000:role/questioncloud-${part}`;
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: part, annotations: { "eks.amazonaws.com/role-arn": role } },
  } as KubernetesObject;
}
