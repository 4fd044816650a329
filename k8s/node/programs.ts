import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "#dev/stack/progress.ts";
import { buildGoProgram, goSourceHash } from "../go-program.ts";
import type { NodeFolders } from "./folders.ts";
import { run } from "./run.ts";

const source = join(import.meta.dirname, "programs");
const names = ["kube", "dns", "policies", "pause"];
const reportEveryMs = 8_000;

/** True if the programs in the cache are those of this source. */
export function areProgramsBuilt({ bin }: NodeFolders): boolean {
  const stamp = join(bin, "source");
  return existsSync(stamp) && readFileSync(stamp, "utf8") === goSourceHash(source);
}

/** Builds the programs of the node once; the Go build cache keeps what is compiled for the next version. */
export async function buildPrograms({ bin }: NodeFolders, log: Log): Promise<void> {
  const versions = await run("go", ["list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes"], {
    cwd: source,
  });
  log(`building Kubernetes ${versions.trim()} from its Go modules: once, about 11 minutes on two free cores`);
  mkdirSync(bin, { recursive: true });
  for (const name of names) {
    await buildProgram(name, join(bin, name), versions.trim(), log);
  }
  writeFileSync(join(bin, "source"), goSourceHash(source));
}

async function buildProgram(name: string, file: string, version: string, log: Log) {
  const startMs = Date.now();
  const seconds = () => Math.round((Date.now() - startMs) / 1000);
  let packages = 0;
  const timer = setInterval(
    () => log(`building ${name}: ${packages} packages compiled, ${seconds()} s`),
    reportEveryMs,
  );
  try {
    await buildGoProgram({
      source,
      package: `./${name}`,
      file,
      variables: versionVariables(version),
      onPackage: () => {
        packages += 1;
      },
    });
  } finally {
    clearInterval(timer);
  }
  log(`built ${name} in ${seconds()} s`);
}

/** Kubernetes asks its own version of these variables; without them it calls itself 0.0.0. */
function versionVariables(version: string): string[] {
  const [major, minor] = version.slice(1).split(".");
  const variables = {
    ...{ gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" },
    buildDate: "2026-01-01T00:00:00Z",
  };
  return Object.entries(variables).map(([key, value]) => `k8s.io/component-base/version.${key}=${value}`);
}
