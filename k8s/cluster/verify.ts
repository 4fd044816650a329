import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProgressLog } from "#dev/stack/progress.ts";
import { root } from "#dev/stack/root.ts";
import type { NodeFolders } from "../node/folders.ts";
import { execInside, kubeconfigOf } from "../node/inside.ts";
import { isNodeBuilt, nodePid, startNode, stopNode } from "../node/node.ts";
import { applyFolder, namespaceOf } from "./apply.ts";
import { kubectlOf } from "./kubectl.ts";

// The Prometheus operator's kinds are unknown to an API server without it.
const optionalBase = "observability";
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
      const output = await applyInNamespace(folder, namespace, path =>
        applyFolder(kubectl, path, "--dry-run=server", "--warnings-as-errors"),
      );
      process.stdout.write(`${folder}: ${output.trim().split("\n").length} objects accepted\n`);
    }
  } finally {
    await kubectl(["delete", "namespace", namespace, "--wait=false"]);
  }
  return 0;
}

/** Base and every overlay. */
function kustomizations(): string[] {
  return readdirSync(join(root, "k8s"), { recursive: true, encoding: "utf8" })
    .filter(path => /^(base|overlays)\/.*kustomization\.yaml$/.test(path))
    .map(path => join(path, ".."))
    .filter(path => !path.endsWith(optionalBase))
    .sort();
}

/** Kustomize sets the namespace of every object. */
async function applyInNamespace<T>(
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
