import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createProgressLog, type Log } from "#dev/stack/progress.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { waitForRollout } from "./apply.ts";
import { namespace, requireRunningStack } from "./deploy.ts";
import { drain, evict } from "./evictions.ts";
import { type Kubectl, kubectlOf } from "./kubectl.ts";
import { migrateTo } from "./next-image.ts";
import { podsOf, servingParts, twoOfEach } from "./pods.ts";
import { calmMs, underLoad } from "./under-load.ts";

interface RollOptions {
  readonly kubeconfig: string;
  readonly stores: string;
  /** Those to replace; all of them by default. */
  readonly services: readonly string[];
  /** The image of the next version; without one, services are replaced by themselves. */
  readonly to: string | undefined;
  /** How long calls go on at the least while one service is disturbed. */
  readonly seconds: number;
}

const hangMs = 20_000;

/** Replaces, deletes, evicts, kills and stops pods while people read, charge and buy; ends with 1 if anyone noticed. */
export async function roll({ kubeconfig, stores, services, to, seconds }: RollOptions): Promise<number> {
  const { log, end } = createProgressLog();
  const kubectl = kubectlOf(kubeconfig, namespace);
  const stack = requireRunningStack(stores);
  log("two pods of everything that serves");
  await twoOfEach(kubectl);
  return underLoad(stack, end, async problems => {
    if (to !== undefined) {
      log("migrating to the next version, while the present one serves");
      for (const line of (await migrateTo(kubectl, to)).trim().split("\n")) {
        log(line);
      }
    }
    for (const service of services) {
      const enoughMs = Date.now() + seconds * 1000;
      await replace(kubectl, service, to, log);
      await deleteEach(kubectl, service, log);
      problems.push(...(await evict(kubectl, service, log)));
      await sleep(Math.max(0, enoughMs - Date.now()));
    }
    const all = services.length === serviceNames.length;
    await drain(kubectl, all ? await servingParts(kubectl) : services, log);
    const [first = ""] = services;
    await killOne(kubectl, first, log);
    // Clients learn of the new pod when they resolve its name, not when it is ready.
    await sleep(calmMs);
    problems.push(...(await hangOne(kubectl, first, log)));
  });
}

async function replace(kubectl: Kubectl, service: string, to: string | undefined, log: Log): Promise<void> {
  const deployment = `deployment/${service}`;
  log(`${service}: rolling out${to === undefined ? " again" : ` ${to}`}`);
  await kubectl(
    to === undefined ? ["rollout", "restart", deployment] : ["set", "image", deployment, `${service}=${to}`],
  );
  await waitForRollout(kubectl, service);
}

async function deleteEach(kubectl: Kubectl, service: string, log: Log): Promise<void> {
  for (const pod of await podsOf(kubectl, service)) {
    log(`${service}: deleting ${pod}`);
    await kubectl(["delete", "pod", pod]);
    await waitForRollout(kubectl, service);
  }
}

/** Kills a pod without notice to its clients, as when a node dies. */
async function killOne(kubectl: Kubectl, service: string, log: Log): Promise<void> {
  const [pod = ""] = await podsOf(kubectl, service);
  log(`${service}: killing ${pod}`);
  await kubectl(["delete", "pod", pod, "--grace-period=0", "--force"]);
  await waitForRollout(kubectl, service);
}

/**
 * Stops a process, which then neither answers nor ends; only where the processes of pods are those of this machine.
 * Returns a problem where its probe has not taken it out of service.
 */
async function hangOne(kubectl: Kubectl, service: string, log: Log): Promise<string[]> {
  const pid = processesOf(service)[0];
  if (pid === undefined) {
    log("no process of a pod is on this machine: left out, a replica that hangs");
    return [];
  }
  log(`${service}: stopping process ${pid} for ${hangMs / 1000} s`);
  process.kill(pid, "SIGSTOP");
  await sleep(hangMs);
  const ready = await kubectl(["get", `deployment/${service}`, "--output=jsonpath={.status.readyReplicas}"]);
  log(`${service}: ${ready} of 2 pods ready while one hangs`);
  try {
    process.kill(pid, "SIGCONT");
  } catch {
    log(`${service}: its probe has ended it`);
  }
  await waitForRollout(kubectl, service);
  return ready === "1" ? [] : [`${service}: ${ready} of 2 pods were ready while one hung`];
}

function processesOf(service: string): number[] {
  const isService = (pid: string) => {
    try {
      return new RegExp(`services/main\\.js\0${service}\0`).test(
        readFileSync(`/proc/${pid}/cmdline`, "utf8"),
      );
    } catch {
      return false;
    }
  };
  return readdirSync("/proc")
    .filter(name => /^\d+$/.test(name) && isService(name))
    .map(Number);
}
