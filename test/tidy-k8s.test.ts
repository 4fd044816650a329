import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parseAllDocuments } from "yaml";
import { gatewayDrainPort, gatewayPort } from "#k8s/objects/names.ts";
import { renderBase } from "#k8s/objects/render.ts";
import { calleesOf, serviceNames } from "#kit/contract/contracts.ts";
import { faultOf } from "./support/k8s/models.ts";
import { type Cluster, clusterOf, isAllowed } from "./support/k8s/network.ts";
import { root } from "./support/tidy/sources.ts";

const folder = join(root, "k8s/base");

interface Loaded {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: Record<string, unknown>;
}

describe("the manifests", () => {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(path =>
    /\.\w+$/.test(path),
  );
  const objects = paths
    .filter(path => path.endsWith(".yaml") && !path.endsWith("kustomization.yaml"))
    .flatMap(path => parseAllDocuments(readFileSync(join(folder, path), "utf8")))
    .map(document => document.toJS() as Loaded);
  const cluster: Cluster = clusterOf(objects);
  const ofKind = (kind: string) => objects.filter(object => object.kind === kind);

  it("are what `npm run k8s -- render` writes", async function () {
    this.timeout(20_000);
    const rendered = await renderBase();
    expect(paths.sort()).to.deep.equal([...rendered.keys()].sort());
    for (const [path, text] of rendered) {
      expect(readFileSync(join(folder, path), "utf8") === text, path).to.equal(true);
    }
  });

  it("are valid by the schemas of the Kubernetes API and of the operators whose resources they use", () => {
    const faults = objects.flatMap(object => {
      const fault = faultOf(object);
      return fault === undefined ? [] : [`${object.kind} ${object.metadata.name}: ${fault}`];
    });
    expect(faults).to.deep.equal([]);
  });

  it("have a deployment, an address, a disruption budget and an autoscaler for every service", () => {
    for (const kind of [
      "Deployment",
      "Service",
      "ServiceAccount",
      "PodDisruptionBudget",
      "HorizontalPodAutoscaler",
    ]) {
      expect(
        ofKind(kind).map(({ metadata }) => metadata.name),
        kind,
      ).to.include.members([...serviceNames, "gateway", "site"]);
    }
  });

  it("give a pod no root, no capabilities, no writable disk and no token", () => {
    expect(cluster.pods.length).to.be.at.least(serviceNames.length + 4);
    for (const { name, spec } of cluster.pods) {
      expect(spec.automountServiceAccountToken, name).to.equal(false);
      expect(spec.securityContext, name).to.include({ runAsNonRoot: true });
      for (const { securityContext } of spec.containers) {
        expect(securityContext, name).to.deep.equal({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
      }
    }
  });

  it("hold no secret: every variable that is one comes from a Secret", () => {
    const secret = /_DATABASE_URL$|_SECRETS?$|_SECRET_KEY$|_MONGODB_URI$|REDIS_URL$|_SMTP_URL$/;
    const variables = cluster.pods.flatMap(({ spec }) => spec.containers.flatMap(({ env = [] }) => env));
    const secrets = variables.filter(({ name }) => secret.test(name));
    expect(secrets).not.to.deep.equal([]);
    expect(secrets.filter(({ valueFrom }) => valueFrom?.secretKeyRef === undefined)).to.deep.equal([]);
    const literals = paths
      .filter(path => path.endsWith("kustomization.yaml"))
      .map(path => readFileSync(join(folder, path), "utf8"));
    expect(literals.join("\n")).not.to.match(new RegExp(`- \\w*(${secret.source})=`, "m"));
  });

  it("put nothing that belongs to one service into the Secret that all pods read", () => {
    const variables = cluster.pods.flatMap(({ spec }) => spec.containers.flatMap(({ env = [] }) => env));
    const shared = variables.filter(({ valueFrom }) => valueFrom?.secretKeyRef?.name === "shared");
    expect([...new Set(shared.map(({ name }) => name))].sort()).to.deep.equal([
      "PAGE_TOKEN_SECRETS",
      "REDIS_URL",
    ]);
  });

  it("let a service connect to the services that it may call, to the keys of users, and to no other", () => {
    const wanted = serviceNames.flatMap(from => [
      ...calleesOf(from).map(to => `${from} -> ${to}:9000`),
      ...(from === "user" ? [] : [`${from} -> user:9001`]),
    ]);
    const allowed = serviceNames.flatMap(from =>
      serviceNames
        .filter(to => to !== from)
        .flatMap(to => [9000, 9001, 9002].map(port => ({ from, to, port })))
        .filter(each => isAllowed(cluster, each))
        .map(({ to, port }) => `${from} -> ${to}:${port}`),
    );
    expect(allowed.sort()).to.deep.equal(wanted.sort());
  });

  it("let the gateway reach listeners and the site, never a probe port, and no pod reach the gateway's back", () => {
    for (const to of serviceNames) {
      expect(isAllowed(cluster, { from: "gateway", to, port: 9002 }), to).to.equal(false);
      expect(isAllowed(cluster, { from: "site", to, port: 9000 }), to).to.equal(false);
    }
    expect(isAllowed(cluster, { from: "gateway", to: "site", port: 8080 })).to.equal(true);
    expect(
      serviceNames.filter(to => isAllowed(cluster, { from: "gateway", to, port: 9001 })),
    ).to.have.members([...serviceNames]);
  });

  it("let no pod and no client reach the port at which the kubelet drains the gateway", () => {
    const drain = { to: "gateway", port: gatewayDrainPort };
    expect(cluster.pods.filter(({ name: from }) => isAllowed(cluster, { from, ...drain }))).to.deep.equal([]);
    const ports = cluster.policies.flatMap(({ ingress = [] }) => ingress.map(rule => rule.ports));
    expect(ports.filter(list => list?.every(({ port }) => port !== drain.port) !== true)).to.deep.equal([]);
    const [service] = ofKind("Service").filter(({ metadata }) => metadata.name === "gateway");
    expect(service?.spec?.ports).to.deep.equal([
      { name: "http", port: gatewayPort, appProtocol: "http", targetPort: "http" },
    ]);
  });
});
