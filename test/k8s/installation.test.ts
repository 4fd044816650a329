import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parse, parseAllDocuments } from "yaml";
import { root } from "#dev/stack/root.ts";
import { writeInstallation } from "#k8s/cluster/installation.ts";
import { createBase } from "#k8s/objects/render.ts";
import { serviceNames } from "#kit/contract/contracts.ts";

interface Generator {
  readonly name: string;
  readonly literals: readonly string[];
}

interface Variable {
  readonly valueFrom?: Readonly<Record<string, { name: string; key: string; optional?: boolean }>>;
}

describe("an installation on a cluster", () => {
  const folder = mkdtempSync(join(tmpdir(), "installation-"));
  const keyFile = join(folder, "key");
  after(() => rmSync(folder, { recursive: true }));

  async function install() {
    writeFileSync(keyFile, "key");
    const base = await createBase();
    const names = [...base.jobs, ...base.serving].flatMap(({ needs }) => [
      ...needs.settings,
      ...needs.secrets,
    ]);
    const env = {
      ...Object.fromEntries(names.map(name => [name, `of ${name}`])),
      ...Object.fromEntries(serviceNames.map(name => [`${name.toUpperCase()}_SERVICE_KEY_FILE`, keyFile])),
      SERVICE_PUBLIC_KEYS_FILE: keyFile,
      USER_SIGNING_KEYS_FILE: keyFile,
      TOKEN_ISSUER: "https://issuer.example",
      PAY_DATABASE_URL: "mariadb://pay@127.0.0.1:3307/pay",
      POINT_TOSS_API_URL: "http://127.0.0.1:4001",
      POINT_TOSS_CHECKOUT_URL: "http://127.0.0.1:4001/pay",
    };
    const overlay = join(root, "k8s/overlays/local");
    const images = { questioncloud: "registry.example:5000/questioncloud:7", envoy: "envoyproxy/envoy" };
    const options = { overlay, namespace: "trial", images, address: "192.0.2.7", env };
    const folders = writeInstallation(join(folder, "installation"), options, base);
    const read = (path: string) => parse(readFileSync(join(path, "kustomization.yaml"), "utf8"));
    return { base, jobs: read(folders.beforeRollout), serving: read(folders.serving) };
  }

  it("has every setting and secret that a container needs to start", async () => {
    const { base, jobs, serving } = await install();
    for (const [kustomization, parts] of [
      [jobs, base.jobs],
      [serving, base.serving],
    ] as const) {
      const generated = [
        ...kustomization.configMapGenerator,
        ...kustomization.secretGenerator,
      ] as Generator[];
      const keys = generated.flatMap(({ name, literals }) =>
        literals.map(literal => `${name} ${literal.split("=")[0]}`),
      );
      const pods = parts.flatMap(({ objects }) =>
        objects.flatMap(object => (object as { spec?: { template?: object } }).spec?.template ?? []),
      );
      const references = (
        JSON.parse(JSON.stringify(pods)) as { spec: { containers: { env?: Variable[] }[] } }[]
      )
        .flatMap(({ spec }) => spec.containers.flatMap(({ env = [] }) => env))
        .flatMap(({ valueFrom = {} }) => Object.values(valueFrom))
        .filter(({ optional }) => optional !== true);
      expect(references).not.to.deep.equal([]);
      expect(keys).to.include.members(references.map(({ name, key }) => `${name} ${key}`));
    }
  });

  it("lets pods reach databases at one address alone, and browsers follow their own links", async () => {
    const { serving } = await install();
    const literals = (serving.secretGenerator as Generator[])
      .concat(serving.configMapGenerator)
      .flatMap(each => each.literals);
    expect(literals).to.include("PAY_DATABASE_URL=mariadb://pay@192.0.2.7:3307/pay");
    expect(literals).to.include("POINT_TOSS_API_URL=http://192.0.2.7:4001");
    expect(literals).to.include("POINT_TOSS_CHECKOUT_URL=http://127.0.0.1:4001/pay");
    const patches = serving.patches as { target: { name: string }; patch: string }[];
    const mariadb = patches.find(({ target }) => target.name === "allow-mariadb");
    expect(parse(mariadb?.patch ?? "")[0].value).to.deep.equal([
      { to: [{ ipBlock: { cidr: "192.0.2.7/32" } }], ports: [{ protocol: "TCP", port: 3307 }] },
    ]);
  });

  it("names the images of the installation, ports of registries included", async () => {
    const { serving } = await install();
    expect(serving.images).to.deep.equal([
      { name: "questioncloud", newName: "registry.example:5000/questioncloud", newTag: "7" },
      { name: "envoy", newName: "envoyproxy/envoy" },
    ]);
  });

  it("patches network policies that base has", async () => {
    const { serving } = await install();
    const policies = parseAllDocuments(readFileSync(join(root, "k8s/base/network/policies.yaml"), "utf8"));
    const names = policies.map(document => document.toJS().metadata.name);
    for (const { target } of serving.patches) {
      expect(names).to.include(target.name);
    }
  });
});
