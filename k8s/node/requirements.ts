import { findBinary } from "#dev/stack/servers/binary.ts";

const systemPrograms = ["unshare", "nsenter", "ip", "mount", "openssl", "bash"];
const debianPrograms = ["apt-get", "dpkg"];

/** Throws, naming everything that is missing, if a node cannot run on this machine. */
export function requireNodeAbilities({ isBuilt }: { isBuilt: boolean }): void {
  const missing = [...systemPrograms, ...(isBuilt ? [] : ["go", ...debianPrograms])].filter(
    name => findBinary([name]) === undefined,
  );
  const problems = [
    ...(process.platform === "linux" ? [] : ["it needs Linux"]),
    ...(process.getuid?.() === 0 ? [] : ["it needs root: namespaces, cgroups and mounts are made"]),
    ...(missing.includes("go") ? ["Go 1.26 or newer is missing: https://go.dev/dl"] : []),
    ...(missing.some(name => debianPrograms.includes(name)) ? ["it needs Debian's apt-get and dpkg"] : []),
    ...missing
      .filter(name => name !== "go" && !debianPrograms.includes(name))
      .map(name => `${name} is missing`),
  ];
  if (problems.length > 0) {
    throw new Error(`a node cannot run here: ${problems.join("; ")}`);
  }
}
