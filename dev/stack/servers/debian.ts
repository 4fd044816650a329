import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findBinary } from "./binary.ts";
import { withLock } from "./lock.ts";

const run = promisify(execFile);
const installWithinMs = 600_000;
const lockWaitSeconds = 300;

/**
 * Installs Debian packages without asking, after it has said so. Returns false where that is impossible: not root, or
 * no apt. The stack runs private instances, so packages are named that have programs and no system service; services
 * of the machine are left alone.
 */
export async function installDebianPackages(
  packages: string[],
  log: (line: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const apt = findBinary(["apt-get"], env);
  if (!apt || process.getuid?.() !== 0) {
    return false;
  }
  return withLock("apt-get", installWithinMs, async () => {
    log(
      `Installing the Debian packages ${packages.join(", ")}, as root; no system service is started or changed`,
    );
    await install(apt, packages, env).catch(async () => {
      await aptGet(apt, ["update", "-qq"], env);
      await install(apt, packages, env);
    });
    return true;
  });
}

/** Downloads Debian packages and unpacks them into `folder`, once; nothing is installed, and no script runs. */
export async function unpackDebian(folder: string, packages: readonly string[]): Promise<void> {
  await withLock(`unpack ${folder}`, installWithinMs, async () => {
    if (existsSync(folder)) {
      return;
    }
    const archives = `${folder}.archives`;
    const unpacked = `${folder}.unpacked`;
    for (const each of [archives, unpacked]) {
      rmSync(each, { recursive: true, force: true });
      mkdirSync(each, { recursive: true });
    }
    const download = () => aptGet("apt-get", ["download", "-qq", ...packages], process.env, archives);
    await download().catch(async () => {
      await aptGet("apt-get", ["update", "-qq"], process.env);
      await download();
    });
    for (const archive of readdirSync(archives)) {
      await run("dpkg-deb", ["-x", join(archives, archive), unpacked]);
    }
    rmSync(archives, { recursive: true });
    renameSync(unpacked, folder);
  });
}

async function install(apt: string, packages: string[], env: NodeJS.ProcessEnv) {
  await aptGet(apt, ["install", "-y", "-qq", "--no-install-recommends", ...packages], env);
}

async function aptGet(apt: string, args: string[], given: NodeJS.ProcessEnv, cwd?: string) {
  const env = { ...given, DEBIAN_FRONTEND: "noninteractive" };
  const options = ["-o", `DPkg::Lock::Timeout=${lockWaitSeconds}`];
  await run(apt, [...options, ...args], { cwd, env, timeout: installWithinMs, maxBuffer: 64 * 1024 * 1024 });
}
