import { join } from "node:path";
import type { NodeFolders } from "../node/folders.ts";
import { insideNode } from "../node/node.ts";
import { run } from "../node/run.ts";

/** Commands against one cluster. */
interface Kubectl {
  /** The command line of `kubectl` with these arguments. */
  commandLine(args: readonly string[]): [command: string, args: string[]];
  run(args: readonly string[], input?: string): Promise<string>;
}

/** The cluster that a kubeconfig names, by the `kubectl` of the caller; without one, the node of this machine. */
export function kubectlOf(folders: NodeFolders, kubeconfig: string | undefined): Kubectl {
  const commandLine = (args: readonly string[]): [string, string[]] =>
    kubeconfig === undefined
      ? insideNode(folders, [
          join(folders.bin, "kube"),
          "ctl",
          `--kubeconfig=${join(folders.run, "certificates/admin.conf")}`,
          ...args,
        ])
      : ["kubectl", [`--kubeconfig=${kubeconfig}`, ...args]];
  return {
    commandLine,
    run(args, input) {
      const [command, all] = commandLine(args);
      return run(command, all, { ...(input !== undefined && { input }) });
    },
  };
}
