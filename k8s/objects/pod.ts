import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodTemplateSpec } from "kubernetes-models/v1/PodTemplateSpec";
import { serviceNames } from "#kit/contract/contracts.ts";
import { keysPath, labelsOf, publicKeysPath } from "./names.ts";
import type { Needs } from "./needs.ts";

/** Set by kustomize to the name and tag of a registry. */
const image = "questioncloud";

/** What no pod may be: root. */
export const podSecurity = {
  runAsNonRoot: true,
  runAsUser: 65_532,
  runAsGroup: 65_532,
  seccompProfile: { type: "RuntimeDefault" as const },
};

/** What no container may do: gain rights, or write to its disk. */
export const containerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

interface PodOptions {
  /** The part that the pod runs. */
  readonly part: string;
  readonly command: readonly string[];
  readonly needs: Needs;
  /** True where the pod reads a private key of its own. */
  readonly keys: boolean;
  /** True where every secret is in a Secret of its own, because its rights are narrower than those of services. */
  readonly ownSecrets?: boolean;
  readonly container: Partial<IContainer>;
  readonly pod?: Partial<IPodTemplateSpec["spec"]>;
}

/**
 * A pod that may do nothing but run one process of the image: no root, no capabilities, no writable file system but a
 * small /tmp in memory, no token for the API server.
 */
export function podOf({ part, command, needs, keys, container, pod, ...rest }: PodOptions): IPodTemplateSpec {
  return {
    metadata: { labels: { ...labelsOf(part), ...backendLabels(needs) } },
    spec: {
      serviceAccountName: part,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { ...podSecurity, fsGroup: podSecurity.runAsGroup },
      containers: [
        {
          name: part,
          image,
          args: [...command],
          env: environmentOf(part, needs, rest.ownSecrets === true),
          // Values that an installation gives to variables of docs/configuration.md.
          envFrom: [
            { configMapRef: { name: part } },
            { configMapRef: { name: `${part}-overrides`, optional: true } },
          ],
          securityContext: containerSecurity,
          ...container,
          volumeMounts: volumes(part, keys).map(({ name, mountPath, readOnly }) => ({
            name,
            mountPath,
            readOnly,
          })),
        },
      ],
      volumes: volumes(part, keys).map(({ name, source }) => ({ name, ...source })),
      ...pod,
    },
  };
}

/** By these labels a network policy of a backend finds its clients. */
function backendLabels({ backends }: Needs): Record<string, string> {
  return Object.fromEntries(backends.map(backend => [`questioncloud/uses-${backend}`, "true"]));
}

/** Settings and secrets by the names of their variables; the values are the installation's. */
function environmentOf(
  part: string,
  { settings, secrets, optionalSecrets }: Needs,
  ownSecrets: boolean,
): NonNullable<IContainer["env"]> {
  return [
    ...settings.map(key => ({ name: key, valueFrom: { configMapKeyRef: { name: "settings", key } } })),
    ...secrets.map(key => ({
      name: key,
      valueFrom: {
        secretKeyRef: {
          name: ownSecrets ? part : secretOf(part, key),
          key,
          ...(optionalSecrets.includes(key) && { optional: true }),
        },
      },
    })),
  ];
}

/**
 * A secret of one service is in a Secret that only one part reads: the service, or the job that works on its
 * databases.
 */
function secretOf(part: string, key: string): string {
  return isSharedSecret(key) ? "shared" : part;
}

/** True for a secret that several services read. */
export function isSharedSecret(key: string): boolean {
  return !serviceNames.some(name => key.startsWith(`${name.toUpperCase()}_`));
}

function volumes(part: string, keys: boolean) {
  const tmp = {
    name: "tmp",
    mountPath: "/tmp",
    readOnly: false,
    source: { emptyDir: { medium: "Memory", sizeLimit: "32Mi" } },
  };
  const own = {
    name: "keys",
    mountPath: keysPath,
    readOnly: true,
    source: { secret: { secretName: `${part}-keys`, defaultMode: 0o440 } },
  };
  const publicKeys = {
    name: "public-keys",
    mountPath: publicKeysPath,
    readOnly: true,
    source: { configMap: { name: "service-public-keys" } },
  };
  return keys ? [tmp, own, publicKeys] : [tmp];
}
