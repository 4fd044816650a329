import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { root } from "#dev/stack/root.ts";
import type { NodeFolders } from "./folders.ts";
import { nodePid } from "./node.ts";

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A command line that runs a program inside the node, where its network is, and where `kubectl` finds its cluster. */
export function insideNode(folders: NodeFolders, command: readonly string[]): [string, string[]] {
  const namespaces = ["--target", String(requireNode(folders)), "--mount", "--net", "--pid", "--uts"];
  const environment = [
    `--chdir=${root}`,
    `PATH=${folders.bin}:${systemPath}`,
    `KUBECONFIG=${kubeconfigOf(folders)}`,
  ];
  return ["nsenter", [...namespaces, "--", "env", ...environment, ...command]];
}

/** The first process of the node; throws while it is down. */
export function requireNode(folders: NodeFolders): number {
  const pid = nodePid(folders);
  if (pid === undefined) {
    throw new Error("the node is down; start it with: npm run k8s -- node up");
  }
  return pid;
}

/** The kubeconfig of the node's administrator. */
export function kubeconfigOf({ run }: NodeFolders): string {
  return join(run, "certificates/admin.conf");
}

/** Runs a command inside the node with the terminal of the caller, and returns its exit code. */
export async function execInside(folders: NodeFolders, command: readonly string[]): Promise<number> {
  const [program, args] = insideNode(folders, command);
  const child = spawn(program, args, { stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}
