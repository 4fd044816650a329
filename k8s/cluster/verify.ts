import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { createProgressLog } from "#dev/stack/progress.ts";
import { root } from "#dev/stack/root.ts";
import type { NodeFolders } from "../node/folders.ts";
import { execInside, kubeconfigOf } from "../node/inside.ts";
import { isNodeBuilt, nodePid, startNode, stopNode } from "../node/node.ts";
import { namespaceOf } from "./apply.ts";
import { type Kubectl, kubectlOf } from "./kubectl.ts";

const withoutNodePort = JSON.stringify([{ op: "remove", path: "/spec/ports/0/nodePort" }]);

/** Asks a real API server whether it takes every object, in a namespace that enforces restricted Pod Security. */
export async function verifyOnNode(folders: NodeFolders, program: readonly string[]): Promise<number> {
  if (!isNodeBuilt(folders)) {
    process.stdout.write("Left out: no API server is built here; npm run k8s -- node up builds one.\n");
    return 0;
  }
  const { log, end } = createProgressLog();
  const isUp = nodePid(folders) !== undefined;
  if (!isUp) {
    log("starting etcd and an API server");
    await startNode(folders, log, { onlyApi: true });
  }
  end();
  try {
    return await execInside(folders, [...program, "verify", `--kubeconfig=${kubeconfigOf(folders)}`]);
  } finally {
    if (!isUp) {
      await stopNode(folders);
    }
  }
}

/** The same on the cluster of a kubeconfig; nothing is kept but an empty namespace while it runs. */
export async function verify(kubeconfig: string): Promise<number> {
  const namespace = "questioncloud-verify";
  const kubectl = kubectlOf(kubeconfig, namespace);
  await kubectl(["apply", "--filename=-"], { input: JSON.stringify(namespaceOf(namespace)) });
  try {
    for (const folder of kustomizations()) {
      const objects = await inNamespace(folder, namespace, path => kubectl(["kustomize", path]));
      process.stdout.write(`${folder}: ${await accept(kubectl, objects)}\n`);
    }
  } finally {
    await kubectl(["delete", "namespace", namespace, "--wait=false"]);
  }
  return 0;
}

/** Says which kinds were left out, because an operator brings them that this cluster does not have. */
async function accept(kubectl: Kubectl, text: string): Promise<string> {
  const known = new Set((await kubectl(["api-versions"])).split("\n"));
  const objects = parseAllDocuments(text).map(
    document => document.toJS() as { apiVersion: string; kind: string },
  );
  const [asked, unknown] = [true, false].map(wanted =>
    objects.filter(({ apiVersion }) => known.has(apiVersion) === wanted),
  ) as [typeof objects, typeof objects];
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: asked });
  const how = ["--server-side", "--force-conflicts", "--dry-run=server", "--filename=-"];
  await kubectl(["apply", ...how], { input: list });
  const leftOut = [...new Set(unknown.map(({ apiVersion, kind }) => `${kind} of ${apiVersion}`))];
  return `${asked.length} objects accepted${leftOut.length === 0 ? "" : `; left out: ${leftOut.join(", ")}`}`;
}

/** Base and every overlay. */
function kustomizations(): string[] {
  return (
    readdirSync(join(root, "k8s"), { recursive: true, encoding: "utf8" })
      .filter(path => /^(base|overlays)\/.*kustomization\.yaml$/.test(path))
      // A component is a part of those that include it.
      .filter(path => !/^kind: Component$/m.test(readFileSync(join(root, "k8s", path), "utf8")))
      .map(path => join(path, ".."))
      .sort()
  );
}

/** Kustomize sets the namespace of every object. */
async function inNamespace<T>(
  folder: string,
  namespace: string,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), "questioncloud-verify-"));
  try {
    const kustomization = {
      namespace,
      resources: [join(relativeTo(path), "k8s", folder)],
      // A deployment on this cluster may have the port.
      patches: [{ target: { kind: "Service", name: "gateway-port" }, patch: withoutNodePort }],
    };
    writeFileSync(join(path, "kustomization.yaml"), JSON.stringify(kustomization));
    return await work(path);
  } finally {
    rmSync(path, { recursive: true });
  }
}

/** From a temporary folder to the project: kustomize takes relative paths only. */
function relativeTo(path: string): string {
  return join(
    ...path
      .split("/")
      .slice(1)
      .map(() => ".."),
    root,
  );
}
