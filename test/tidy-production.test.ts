import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse, parseAllDocuments } from "yaml";
import { serviceNames } from "#kit/contract/contracts.ts";
import { root } from "./support/tidy/sources.ts";

const read = (path: string) => readFileSync(join(root, "k8s", path), "utf8");

interface Patch {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly components?: readonly string[];
  readonly configMapGenerator: readonly { name: string; literals?: readonly string[] }[];
  readonly patches: readonly { patch: string }[];
}

interface Certificate {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly dnsNames?: readonly string[]; readonly secretName?: string };
}

describe("the overlays", () => {
  const production: Kustomization = parse(read("base/production/kustomization.yaml"));
  const tls: Kustomization = parse(read("base/tls/kustomization.yaml"));
  const patches = [...production.patches, ...tls.patches].map(({ patch }) => parse(patch) as Patch);
  const certificates = parseAllDocuments(read("base/production/certificates.yaml"))
    .map(document => document.toJS() as Certificate)
    .filter(({ kind, spec }) => kind === "Certificate" && spec.dnsNames !== undefined);

  it("name only files that exist", () => {
    for (const overlay of ["production/serving", "production/before-rollout"]) {
      const { resources, components = [] }: Kustomization = parse(
        read(`overlays/${overlay}/kustomization.yaml`),
      );
      const missing = [...resources, ...components].filter(
        path => !existsSync(join(root, "k8s/overlays", overlay, path)),
      );
      expect(missing, overlay).to.deep.equal([]);
    }
  });

  it("give in production every service a certificate of the name by which it is called, and the gateway", () => {
    const names = [...serviceNames, "gateway"];
    expect(production.components).to.deep.equal(["../tls"]);
    expect(certificates.map(({ metadata }) => metadata.name)).to.have.members(names);
    for (const { metadata, spec } of certificates) {
      expect(spec.dnsNames).to.deep.equal([metadata.name]);
      const mounts = patches.find(
        ({ kind, metadata: { name } }) => kind === "Deployment" && name === metadata.name,
      );
      expect(JSON.stringify(mounts), metadata.name).to.include(`"secretName":"${spec.secretName}"`);
    }
    for (const name of serviceNames) {
      const { literals = [] } = tls.configMapGenerator.find(each => each.name === name) ?? {};
      const set = literals.map(literal => literal.split("=")[0]);
      const own = name.toUpperCase();
      expect(set).to.deep.equal([`${own}_TLS_CERT_FILE`, `${own}_TLS_KEY_FILE`, "SERVICE_CA_FILE"]);
    }
  });

  it("give in production every service a role at AWS of its own, and no pod a key", () => {
    const roles = patches.filter(({ kind }) => kind === "ServiceAccount");
    expect(roles.map(({ metadata }) => metadata.name)).to.have.members([...serviceNames]);
    const used = roles.map(({ metadata }) => metadata.annotations?.["eks.amazonaws.com/role-arn"]);
    expect(new Set(used).size).to.equal(serviceNames.length);
    for (const name of serviceNames) {
      expect(read(`base/serving/${name}.yaml`), name).not.to.match(/AWS_(ACCESS_KEY|SECRET)/);
    }
  });
});
