import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "#dev/stack/root.ts";
import { withLock } from "#dev/stack/servers/lock.ts";

const installWithinMs = 300_000;

interface ToolOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** Runs a command; rejects with what it printed if it fails. */
export function runTool(
  command: string,
  args: readonly string[],
  { cwd, env = process.env, input = "" }: ToolOptions,
): Promise<{ output: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(command, args, options, (error, output, errors) => {
      if (error === null) {
        resolve({ output, errors });
      } else {
        reject(new Error(`${[command, ...args].join(" ")} failed:\n${output}${errors}`, { cause: error }));
      }
    });
    child.stdin?.on("error", () => {}).end(input);
  });
}

/**
 * A folder in `.cache` with files of a generator, `install`ed once. The first of the files pins the versions, and the
 * folder changes with it.
 */
export async function installTool(
  files: readonly URL[],
  install: (dir: string) => Promise<unknown>,
): Promise<string> {
  const [pins] = files;
  const hash = createHash("sha256")
    .update(readFileSync(pins ?? ""))
    .digest("hex");
  const dir = join(root, ".cache", `client-generator-${hash.slice(0, 12)}`);
  const stamp = join(dir, ".installed");
  await withLock(`install ${dir}`, installWithinMs, async () => {
    if (!existsSync(stamp)) {
      mkdirSync(dir, { recursive: true });
      copyFiles(files, dir);
      await install(dir);
      writeFileSync(stamp, "");
    }
  });
  return dir;
}

/** Copies files under their own names. */
export function copyFiles(files: readonly URL[], dir: string): void {
  for (const file of files) {
    copyFileSync(file, join(dir, file.pathname.split("/").at(-1) ?? ""));
  }
}
