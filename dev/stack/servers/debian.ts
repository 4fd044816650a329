import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { findBinary } from "./binary.ts";
import { withLock } from "./lock.ts";

const run = promisify(execFile);
const installWithinMs = 600_000;
const lockWaitSeconds = 300;

/**
 * Installs Debian packages without asking. Returns false where that is impossible: not root, or no apt. Stops the
 * system services that come with the packages, because the stack runs private instances.
 */
export async function installDebianPackages(
  packages: string[],
  log: (line: string) => void,
): Promise<boolean> {
  const apt = findBinary(["apt-get"]);
  if (!apt || process.getuid?.() !== 0) {
    return false;
  }
  return withLock("apt-get", installWithinMs, async () => {
    log(`Installing ${packages.join(", ")} from Debian's packages`);
    await install(apt, packages).catch(async () => {
      await aptGet(apt, ["update", "-qq"]);
      await install(apt, packages);
    });
    for (const service of packages.filter(name => existsSync(`/etc/init.d/${name}`))) {
      await stopService(service);
    }
    return true;
  });
}

async function install(apt: string, packages: string[]) {
  await aptGet(apt, ["install", "-y", "-qq", "--no-install-recommends", ...packages]);
}

async function aptGet(apt: string, args: string[]) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = ["-o", `DPkg::Lock::Timeout=${lockWaitSeconds}`];
  await run(apt, [...options, ...args], { env, timeout: installWithinMs, maxBuffer: 64 * 1024 * 1024 });
}

async function stopService(name: string) {
  const underSystemd = existsSync("/run/systemd/system");
  const stop = underSystemd
    ? run("systemctl", ["disable", "--now", name])
    : run(`/etc/init.d/${name}`, ["stop"]);
  await stop.catch(() => {
    // It was not running.
  });
}
