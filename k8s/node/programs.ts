import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeFolders } from "./folders.ts";
import { run } from "./run.ts";

const source = join(import.meta.dirname, "programs");
const names = ["kube", "dns", "policies", "pause"];
const reportEveryMs = 8_000;

/** True if the programs in the cache are those of this source. */
export function areProgramsBuilt({ bin }: NodeFolders): boolean {
  const stamp = join(bin, "source");
  return existsSync(stamp) && readFileSync(stamp, "utf8") === sourceHash();
}

/** Builds the programs of the node once; the Go build cache keeps what is compiled for the next version. */
export async function buildPrograms({ bin }: NodeFolders, log: (line: string) => void): Promise<void> {
  const versions = await run("go", ["list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes"], {
    cwd: source,
  });
  log(`building Kubernetes ${versions.trim()} from its Go modules: once, about 11 minutes on two free cores`);
  mkdirSync(bin, { recursive: true });
  for (const name of names) {
    await buildProgram(name, join(bin, name), versions.trim(), log);
  }
  writeFileSync(join(bin, "source"), sourceHash());
}

async function buildProgram(name: string, file: string, version: string, log: (line: string) => void) {
  const startMs = Date.now();
  const seconds = () => Math.round((Date.now() - startMs) / 1000);
  let packages = 0;
  const timer = setInterval(
    () => log(`building ${name}: ${packages} packages compiled, ${seconds()} s`),
    reportEveryMs,
  );
  try {
    await run("nice", ["-n", "5", "env", "CGO_ENABLED=0", "go", ...buildArguments(name, file, version)], {
      cwd: source,
      onLine: () => {
        packages += 1;
      },
    });
  } finally {
    clearInterval(timer);
  }
  log(`built ${name} in ${seconds()} s`);
}

/** Kubernetes asks its own version of these variables; without them it calls itself 0.0.0. */
function buildArguments(name: string, file: string, version: string): string[] {
  const [major, minor] = version.slice(1).split(".");
  const variables = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  const flags = Object.entries(variables).map(
    ([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`,
  );
  const link = ["-s", "-w", ...flags, "-X k8s.io/component-base/version.buildDate=2026-01-01T00:00:00Z"];
  return ["build", "-v", "-buildvcs=false", "-trimpath", "-ldflags", link.join(" "), "-o", file, `./${name}`];
}

function sourceHash(): string {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(path =>
    /\.(go|mod|sum)$/.test(path),
  );
  const hash = createHash("sha256");
  for (const path of files.sort()) {
    hash.update(path).update(readFileSync(join(source, path)));
  }
  return hash.digest("hex");
}
