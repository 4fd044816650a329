import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addresses, apiServer, nodeName } from "./folders.ts";
import { run } from "./run.ts";

const days = "30";
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

interface Holder {
  readonly subject: string;
  readonly names: readonly string[];
}

const holders: Readonly<Record<string, Holder>> = {
  apiserver: {
    subject: "/CN=kube-apiserver",
    names: [
      ...["kubernetes", "kubernetes.default", "kubernetes.default.svc"].map(name => `DNS:${name}`),
      ...["127.0.0.1", addresses.node, addresses.apiService].map(address => `IP:${address}`),
    ],
  },
  admin: { subject: "/O=system:masters/CN=admin", names: ["DNS:admin"] },
  kubelet: {
    subject: `/O=system:nodes/CN=system:node:${nodeName}`,
    names: [`DNS:${nodeName}`, `IP:${addresses.node}`],
  },
};

/** Makes an authority, its certificates, the keys of service accounts, and files by which clients connect. */
export async function makeCertificates(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const openssl = (...args: string[]) => run("openssl", args, { cwd: folder });
  const authority = ["-keyout", "ca.key", "-out", "ca.crt", "-days", days, "-subj", "/CN=questioncloud-node"];
  await openssl("req", "-x509", ...newKey, ...authority);
  for (const [name, { subject, names }] of Object.entries(holders)) {
    const extensions = `subjectAltName=${names.join(",")}\nextendedKeyUsage=serverAuth,clientAuth\n`;
    writeFileSync(join(folder, `${name}.ext`), extensions);
    await openssl("req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", subject);
    const signed = ["-in", `${name}.csr`, "-out", `${name}.crt`, "-extfile", `${name}.ext`, "-days", days];
    await openssl("x509", "-req", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", ...signed);
  }
  await openssl("genrsa", "-out", "accounts.key", "2048");
  await openssl("rsa", "-in", "accounts.key", "-pubout", "-out", "accounts.pub");
  for (const name of ["admin", "kubelet"]) {
    writeFileSync(join(folder, `${name}.conf`), kubeconfig(folder, name), { mode: 0o600 });
  }
}

/** JSON is YAML. */
function kubeconfig(folder: string, user: string): string {
  const at = (file: string) => join(folder, file);
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "node", cluster: { server: apiServer, "certificate-authority": at("ca.crt") } }],
    users: [
      { name: user, user: { "client-certificate": at(`${user}.crt`), "client-key": at(`${user}.key`) } },
    ],
    contexts: [{ name: "node", context: { cluster: "node", user } }],
    "current-context": "node",
  });
}
