import { join } from "node:path";

/** Where a one-node cluster keeps its files. */
export interface NodeFolders {
  /** What is made once and kept: programs, Debian's packages. */
  readonly bin: string;
  readonly debian: string;
  readonly images: string;
  /** What lasts until `node down`: data, certificates, settings. */
  readonly run: string;
  readonly logs: string;
}

/** The folders below `$XDG_CACHE_HOME/questioncloud/node`, outside the checkout, so that every checkout shares them. */
export function nodeFolders(env: Readonly<Record<string, string | undefined>>): NodeFolders {
  const cache = env.XDG_CACHE_HOME || join(env.HOME || "/root", ".cache");
  const home = join(cache, "questioncloud/node");
  return {
    bin: join(home, "bin"),
    debian: join(home, "debian"),
    images: join(home, "images"),
    run: join(home, "run"),
    logs: join(home, "logs"),
  };
}

/** Addresses that exist only in the network namespace of the node. */
export const addresses = {
  node: "10.250.0.1",
  nowhere: "10.250.0.254",
  pods: "10.244.0.0/24",
  services: "10.96.0.0/24",
  apiService: "10.96.0.1",
  dns: "10.96.0.10",
};

export const nodeName = "questioncloud-node";
export const apiServer = `https://${addresses.node}:6443`;

/** Where the node keeps its cgroups, in every hierarchy. */
export const cgroup = "/questioncloud-node";
