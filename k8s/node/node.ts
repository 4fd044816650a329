import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "#dev/demo/wait.ts";
import type { Log } from "#dev/stack/progress.ts";
import { makeCertificates } from "./certificates.ts";
import { makeCgroups, removeCgroups } from "./cgroups.ts";
import { areDebianPackagesUnpacked, unpackDebianPackages } from "./debian.ts";
import { addresses, type NodeFolders, nodeName } from "./folders.ts";
import { areProgramsBuilt, buildPrograms } from "./programs.ts";
import { requireNodeAbilities } from "./requirements.ts";
import { writeSettings } from "./settings.ts";
import { makeStaticImages } from "./static-images.ts";

const firstProcess = join(import.meta.dirname, "first-process.sh");
const namespaces = ["--mount", "--net", "--pid", "--uts", "--fork", "--mount-proc", "--kill-child"];
const pollMs = 200;
const upWithinMs = 240_000;
const downLimits = { withinMs: 20_000, everyMs: pollMs };

/** True if a node could start without building anything. */
export function isNodeBuilt(folders: NodeFolders): boolean {
  return areProgramsBuilt(folders) && areDebianPackagesUnpacked(folders);
}

/** Builds what is missing. */
export async function prepareNode(folders: NodeFolders, log: Log): Promise<void> {
  requireNodeAbilities({ isBuilt: isNodeBuilt(folders) });
  if (!areDebianPackagesUnpacked(folders)) {
    await unpackDebianPackages(folders, log);
  }
  if (!areProgramsBuilt(folders)) {
    await buildPrograms(folders, log);
    await makeStaticImages(folders);
    const kubectl = join(folders.bin, "kubectl");
    writeFileSync(kubectl, `#!/bin/sh\nexec "${folders.bin}/kube" ctl "$@"\n`, { mode: 0o755 });
  }
}

/** Starts the node and waits until pods can run; with `onlyApi`, etcd and the API server alone. */
export async function startNode(folders: NodeFolders, log: Log, { onlyApi = false } = {}): Promise<void> {
  rmSync(folders.run, { recursive: true, force: true });
  rmSync(folders.logs, { recursive: true, force: true });
  mkdirSync(folders.run, { recursive: true, mode: 0o700 });
  mkdirSync(folders.logs, { recursive: true });
  await makeCertificates(join(folders.run, "certificates"));
  writeSettings(folders);
  makeCgroups();
  const child = spawnFirstProcess(folders, onlyApi);
  try {
    await waitUntilReady(folders, child, log);
  } catch (error) {
    await stopNode(folders);
    throw error;
  }
}

function spawnFirstProcess(folders: NodeFolders, onlyApi: boolean) {
  const output = openSync(join(folders.logs, "node.log"), "w", 0o600);
  const { run: RUN, bin: BIN, debian: DEBIAN, images: IMAGES, logs: LOGS } = folders;
  const variables = {
    ...{ RUN, BIN, DEBIAN, IMAGES, LOGS },
    HERE: import.meta.dirname,
    NODE_NAME: nodeName,
    NODE_ADDRESS: addresses.node,
    NOWHERE_ADDRESS: addresses.nowhere,
    POD_ADDRESSES: addresses.pods,
    SERVICE_ADDRESSES: addresses.services,
    ONLY_API: String(onlyApi),
  };
  const assigned = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const child = spawn("unshare", [...namespaces, "env", ...assigned, "bash", firstProcess], {
    stdio: ["ignore", output, output],
    detached: true,
  });
  closeSync(output);
  child.unref();
  writeFileSync(join(RUN, "unshare.pid"), String(child.pid));
  return child;
}

async function waitUntilReady(
  { run, logs }: NodeFolders,
  child: ReturnType<typeof spawn>,
  log: Log,
): Promise<void> {
  const endMs = Date.now() + upWithinMs;
  let printed = 0;
  while (true) {
    const ready = existsSync(join(run, "ready"));
    const lines = readFileSync(join(logs, "node.log"), "utf8").split("\n").slice(0, -1);
    for (const line of lines.slice(printed)) {
      log(line);
    }
    printed = lines.length;
    if (ready) {
      return;
    }
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > endMs) {
      throw new Error(`the node did not come up; see ${logs}`);
    }
    await sleep(pollMs);
  }
}

/** The first process of the running node; undefined while it is down. */
export function nodePid({ run }: NodeFolders): number | undefined {
  const file = join(run, "unshare.pid");
  if (!existsSync(file)) {
    return undefined;
  }
  const pid = readFileSync(file, "utf8");
  try {
    const isOurs = readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(firstProcessName);
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    return isOurs && child ? Number(child) : undefined;
  } catch {
    return undefined;
  }
}

const firstProcessName = "k8s/node/first-process.sh";

/** Ends every process of the node and removes its data; what was built is kept. */
export async function stopNode(folders: NodeFolders): Promise<void> {
  const pid = nodePid(folders);
  if (pid !== undefined) {
    process.kill(pid, "SIGKILL");
    // A killed namespace is gone when the last of its processes is.
    await waitFor(`process ${pid} of the node to end`, () => !existsSync(`/proc/${pid}`), downLimits);
  }
  removeCgroups();
  rmSync(folders.run, { recursive: true, force: true });
}
