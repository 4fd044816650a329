import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { findBinary } from "./binary.ts";
import { installDebianPackages } from "./debian.ts";

const run = promisify(execFile);
const installWithinMs = 300_000;

interface VenvOptions {
  log: (line: string) => void;
  env?: NodeJS.ProcessEnv;
}

/**
 * Creates a virtual environment with what `pip install` gets as arguments. It is made under another name and renamed,
 * so that an interrupted installation is not taken for a complete one.
 */
export async function createVenv(
  folder: string,
  packages: string[],
  { log, env = process.env }: VenvOptions,
): Promise<void> {
  const python = await requirePython(env, log);
  mkdirSync(dirname(folder), { recursive: true });
  const unfinished = mkdtempSync(`${folder}-unfinished-`);
  const options = { env, timeout: installWithinMs };
  try {
    await run(python, ["-m", "venv", unfinished], options);
    const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"];
    await run(join(unfinished, "bin", "python"), [...pip, ...packages], options);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

async function requirePython(env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<string> {
  const python = await findPython(env);
  if (python) {
    return python;
  }
  const installed = (await installDebianPackages(["python3-venv"], log)) ? await findPython(env) : undefined;
  if (installed) {
    return installed;
  }
  throw new Error("python3 with venv and pip is required (on Debian: sudo apt-get install python3-venv)");
}

/** A python3 that can create an environment with pip; Debian's without further packages cannot. */
async function findPython(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const python = findBinary(["python3"], env);
  const usable =
    python && (await run(python, ["-c", "import ensurepip, venv"], { env }).catch(() => undefined));
  return usable ? python : undefined;
}
