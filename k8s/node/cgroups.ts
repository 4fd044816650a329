import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cgroup } from "./folders.ts";

const root = "/sys/fs/cgroup";

/** The node's cgroup in every hierarchy of version 1, or the one of version 2. */
function nodeGroups(): string[] {
  const hierarchies = existsSync(join(root, "cgroup.controllers"))
    ? [root]
    : readdirSync(root).map(name => join(root, name));
  return hierarchies.map(path => join(path, cgroup));
}

/** The kubelet expects its root to be there, and in version 1 with processors to hand on. */
export function makeCgroups(): void {
  for (const group of nodeGroups()) {
    mkdirSync(group, { recursive: true });
    for (const file of ["cpuset.cpus", "cpuset.mems"].filter(name => existsSync(join(group, "..", name)))) {
      writeFileSync(join(group, file), readFileSync(join(group, "..", file)));
    }
  }
}

/** Removes the cgroups that pods left. */
export function removeCgroups(): void {
  nodeGroups().filter(existsSync).forEach(removeGroup);
}

function removeGroup(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      removeGroup(join(group, entry.name));
    }
  }
  rmdirSync(group);
}
