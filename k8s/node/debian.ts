import { cpSync, existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "#dev/stack/progress.ts";
import { unpackDebian } from "#dev/stack/servers/debian.ts";
import type { NodeFolders } from "./folders.ts";

const packages = [
  "containerd",
  "runc",
  "containernetworking-plugins",
  "etcd-server",
  "conntrack",
  "ipset",
  "iptables",
  "nftables",
  // The libraries that these need and a bare system lacks.
  "libip4tc2",
  "libip6tc2",
  "libipset13",
  "libjansson4",
  "libmnl0",
  "libnetfilter-conntrack3",
  "libnfnetlink0",
  "libnftables1",
  "libnftnl11",
  "libxtables12",
];

const iptablesNames = ["iptables", "ip6tables"].flatMap(name =>
  ["", "-save", "-restore"].map(ending => `${name}${ending}`),
);

export function areDebianPackagesUnpacked({ debian }: NodeFolders): boolean {
  return existsSync(join(debian, "complete"));
}

/**
 * Downloads Debian's packages and unpacks them into a folder that the node lays over its /usr: nothing is installed,
 * and no script of a package runs.
 */
export async function unpackDebianPackages({ debian }: NodeFolders, log: Log): Promise<void> {
  log("downloading containerd, runc, CNI, iptables, ipset and etcd from Debian");
  rmSync(debian, { recursive: true, force: true });
  const root = join(debian, "root");
  await unpackDebian(root, packages);
  mergeUsr(root);
  for (const name of iptablesNames) {
    // Debian makes this link when the package is installed.
    rmSync(join(root, "usr/sbin", name), { force: true });
    symlinkSync("xtables-nft-multi", join(root, "usr/sbin", name));
  }
  writeFileSync(join(debian, "complete"), "");
}

/** Older packages have files in /sbin and /lib, which are links to /usr on a current system. */
function mergeUsr(root: string): void {
  for (const folder of ["bin", "sbin", "lib"].filter(name => existsSync(join(root, name)))) {
    cpSync(join(root, folder), join(root, "usr", folder), { recursive: true, verbatimSymlinks: true });
  }
}
