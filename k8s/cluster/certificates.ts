import { join } from "node:path";
import { certificateSecretOf, holders } from "../objects/tls.ts";
import { type Authority, type Identity, openAuthority } from "./authority.ts";
import type { Kubectl } from "./kubectl.ts";

/** How long a certificate is good. */
const lifetimeMs = 30 * 86_400_000;

/** The folder of the authority whose certificates are used. */
export const authorityFolder = (stores: string) => join(stores, "certificates");

/** Issues a certificate to every holder, good for thirty days unless an end is given. */
export async function issueAll(
  authority: Authority,
  end = new Date(Date.now() + lifetimeMs),
): Promise<ReadonlyMap<string, Identity>> {
  const issued = new Map<string, Identity>();
  for (const holder of holders) {
    issued.set(holder, await authority.issue(holder, end));
  }
  return issued;
}

/** Puts certificates where pods find them, in Secrets like those of cert-manager. */
export async function putCertificates(
  kubectl: Kubectl,
  issued: ReadonlyMap<string, Identity>,
  authorities: readonly Pick<Authority, "certificate">[],
): Promise<void> {
  const bundle = authorities.map(({ certificate }) => certificate).join("");
  const items = [...issued].map(([holder, { certificate, key }]) => ({
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { name: certificateSecretOf(holder) },
    data: { "tls.crt": base64(certificate), "tls.key": base64(key), "ca.crt": base64(bundle) },
  }));
  const list = { apiVersion: "v1", kind: "List", items };
  await kubectl(["apply", "--server-side", "--force-conflicts", "--filename=-"], {
    input: JSON.stringify(list),
  });
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Gives every holder a certificate of the authority of these stores. */
export async function certify(kubectl: Kubectl, stores: string): Promise<void> {
  const authority = await openAuthority(authorityFolder(stores));
  await putCertificates(kubectl, await issueAll(authority), [authority]);
}

/** True where the services of a cluster have certificates. */
export async function hasCertificates(kubectl: Kubectl): Promise<boolean> {
  const volumes = "--output=jsonpath={.spec.template.spec.volumes[*].name}";
  return (await kubectl(["get", "deployment/user", volumes])).split(" ").includes("certificates");
}
