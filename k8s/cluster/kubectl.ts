import { run } from "../node/run.ts";

/** Commands against the cluster of a kubeconfig, by the `kubectl` of the caller. */
export type Kubectl = (args: readonly string[], options?: { input?: string }) => Promise<string>;

/** Runs `kubectl` with a kubeconfig, in a namespace if one is given. */
export function kubectlOf(kubeconfig: string, namespace?: string): Kubectl {
  const fixed = [
    `--kubeconfig=${kubeconfig}`,
    ...(namespace === undefined ? [] : [`--namespace=${namespace}`]),
  ];
  return (args, options) => run("kubectl", [...fixed, ...args], options);
}
