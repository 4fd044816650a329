import { parse, stringify } from "yaml";
import { readEnvoyOptions } from "#gateway/config.ts";
import type { EnvoyOptions } from "#gateway/envoy/options.ts";
import { renderEnvoy } from "#gateway/envoy/render.ts";
import { renderTlsSecrets } from "#gateway/envoy/tls-secrets.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { certificatesPath } from "./names.ts";
import type { KubernetesObject } from "./part.ts";

const files = { certFile: "tls.crt", keyFile: "tls.key", caFile: "ca.crt" };
const configPath = "/etc/gateway";

/** Who shows a certificate. */
export const holders: readonly string[] = [...serviceNames, "gateway"];

/** The Secret with the certificate of a holder, in the form of cert-manager. */
export const certificateSecretOf = (holder: string) => `${holder}-certificate`;

/** The files of Envoy with certificates, and where it finds them. */
export function gatewayFiles(options: EnvoyOptions): Readonly<Record<string, string>> {
  const envoy = parse(renderEnvoy({ ...options, tlsSecretsFolder: configPath }));
  return {
    "envoy.json": `${JSON.stringify(envoy)}\n`,
    ...renderTlsSecrets({ folder: certificatesPath, ...files }),
  };
}

/** Certificates at both ends of every call, as a component of kustomize; the Secrets are the installation's. */
export function tlsFiles(envoyVariables: Readonly<Record<string, string>>) {
  const texts = gatewayFiles(readEnvoyOptions(envoyVariables));
  return {
    texts,
    kustomization: {
      apiVersion: "kustomize.config.k8s.io/v1alpha1",
      kind: "Component",
      configMapGenerator: [
        { name: "gateway-envoy", behavior: "replace", files: Object.keys(texts) },
        ...serviceNames.map(name => ({ name, behavior: "merge", literals: variablesOf(name) })),
      ],
      patches: holders.map(name => ({ patch: stringify(mountCertificate(name)) })),
    } as unknown as KubernetesObject,
  };
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
  const secret = { secretName: certificateSecretOf(holder), defaultMode: 0o440 };
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
