import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./node/run.ts";

interface GoProgram {
  /** The folder of its go.mod. */
  readonly source: string;
  readonly package: string;
  /** Where the program is written to. */
  readonly file: string;
  /** Values of the linker's `-X`. */
  readonly variables?: readonly string[];
  readonly onPackage: () => void;
}

/** Builds a static program behind everything else on the machine; calls `onPackage` for each package compiled. */
export async function buildGoProgram(program: GoProgram): Promise<void> {
  const { source, file, variables = [], onPackage } = program;
  const link = ["-s", "-w", ...variables.map(each => `-X ${each}`)].join(" ");
  const flags = ["-v", "-buildvcs=false", "-trimpath", "-ldflags", link, "-o", file];
  await run("nice", ["-n", "5", "env", "CGO_ENABLED=0", "go", "build", ...flags, program.package], {
    cwd: source,
    onLine: onPackage,
  });
}

/** Changes with the Go code, and with the versions of modules, of a folder. */
export function goSourceHash(source: string): string {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" });
  const hash = createHash("sha256");
  for (const path of files.filter(each => /\.(go|mod|sum)$/.test(each)).sort()) {
    hash.update(path).update(readFileSync(join(source, path)));
  }
  return hash.digest("hex");
}
