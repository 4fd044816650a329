import { execFile } from "node:child_process";
import { promisify } from "node:util";

const withoutConfig = ["--no-config", "--no-package"];

// All checks of the code; the output of a check is printed only if it fails.
const steps: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["package lock is complete", "npm", "ci", "--dry-run", "--ignore-scripts"],
  ["code generation", process.execPath, "dev/contracts/generate.ts", "--output", ".cache/generated"],
  ["generated code is committed", "diff", "--recursive", "--brief", ".cache/generated/gen", "gen"],
  ["contract lint", "buf", "lint", "proto"],
  [
    "contracts are compatible with the release",
    "buf",
    "breaking",
    "proto",
    "--against",
    "proto/released.binpb",
  ],
  ["format and lint", "biome", "check", "--error-on-warnings"],
  ["types", "tsc", "--noEmit", "--project", "."],
  ["house rules", "mocha", ...withoutConfig, "--timeout", "30000", "--reporter", "dot", "test/tidy*.test.ts"],
];

for (const [name, command, ...args] of steps) {
  const startMs = Date.now();
  try {
    await promisify(execFile)(command, args, { maxBuffer: 64 * 1024 * 1024 });
    process.stdout.write(`ok    ${name} (${((Date.now() - startMs) / 1000).toFixed(1)} s)\n`);
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    process.stdout.write(`FAIL  ${name}: ${[command, ...args].join(" ")}\n${stdout}${stderr}\n`);
    process.exit(1);
  }
}
