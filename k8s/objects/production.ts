import { parse, stringify } from "yaml";
import { readEnvoyOptions } from "#gateway/config.ts";
import { renderEnvoy } from "#gateway/envoy/render.ts";
import { renderTlsSecrets } from "#gateway/envoy/tls-secrets.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { metadataOf } from "./names.ts";
import type { KubernetesObject, Part } from "./part.ts";

const certificatesPath = "/certificates";
const files = { certFile: "tls.crt", keyFile: "tls.key", caFile: "ca.crt" };
const configPath = "/etc/gateway";

const partOf = metadataOf("certificates").labels;
const rootAuthority = "services-root";
const authority = "services-authority";
const issuer = "services";

/**
 * What an installation of guarantees adds to `serving/`, as a component of kustomize: a certificate for each end of a
 * call, which cert-manager replaces, and the role of each service at AWS instead of keys.
 */
export function productionFiles(serving: readonly Part[], envoyVariables: Readonly<Record<string, string>>) {
  const holders = [...serviceNames, "gateway"];
  const variables = { ...envoyVariables, GATEWAY_TLS_SECRETS_FOLDER: configPath };
  const secrets = renderTlsSecrets({ folder: certificatesPath, ...files });
  const envoy = parse(renderEnvoy(readEnvoyOptions(variables)));
  return {
    objects: { "certificates.yaml": [...authorities(), ...holders.map(certificate)] },
    texts: {
      "envoy.json": `${JSON.stringify(envoy)}\n`,
      ...secrets,
    },
    kustomization: {
      apiVersion: "kustomize.config.k8s.io/v1alpha1",
      kind: "Component",
      resources: ["certificates.yaml"],
      configMapGenerator: [
        { name: "gateway-envoy", behavior: "replace", files: ["envoy.json", ...Object.keys(secrets)] },
        ...serviceNames.map(name => ({ name, behavior: "merge", literals: variablesOf(name) })),
      ],
      patches: [
        ...holders.map(name => ({ patch: stringify(mountCertificate(name)) })),
        ...serving.filter(callsAws).map(({ name }) => ({ patch: stringify(assumeRole(name)) })),
      ],
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
      secretName: `${holder}-certificate`,
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

function variablesOf(service: string): string[] {
  const own = service.toUpperCase();
  return [
    `${own}_TLS_CERT_FILE=${certificatesPath}/${files.certFile}`,
    `${own}_TLS_KEY_FILE=${certificatesPath}/${files.keyFile}`,
    `SERVICE_CA_FILE=${certificatesPath}/${files.caFile}`,
  ];
}

function mountCertificate(holder: string): KubernetesObject {
  const secret = { secretName: `${holder}-certificate`, defaultMode: 0o440 };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: holder },
    spec: {
      template: {
        spec: {
          // The group may read the key.
          securityContext: { fsGroup: 65_532 },
          containers: [
            {
              name: holder,
              volumeMounts: [{ name: "certificates", mountPath: certificatesPath, readOnly: true }],
            },
          ],
          volumes: [{ name: "certificates", secret }],
        },
      },
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
