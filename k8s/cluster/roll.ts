import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createProgressLog } from "#dev/stack/progress.ts";
import { root } from "#dev/stack/root.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { run } from "../node/run.ts";
import { waitForRollouts } from "./apply.ts";
import { namespace, runningStores } from "./deploy.ts";
import { type Kubectl, kubectlOf } from "./kubectl.ts";
import { report, startLoad } from "./load.ts";
import { migrateTo } from "./next-image.ts";

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

type Log = (line: string) => void;

const calmMs = 10_000;
const hangMs = 20_000;
const drainPollMs = 1000;

/** Replaces, deletes, evicts, kills and stops pods while people read, charge and buy; ends with 1 if anyone noticed. */
export async function roll({ kubeconfig, stores, services, to, seconds }: RollOptions): Promise<number> {
  const { log, end } = createProgressLog();
  const kubectl = kubectlOf(kubeconfig, namespace);
  const { gatewayUrl = "", env } = runningStores(stores);
  log("two pods of every service");
  await kubectl(["scale", "--replicas=2", ...serviceNames.map(name => `deployment/${name}`)]);
  await waitForRollouts(kubectl);
  const load = await startLoad(gatewayUrl);
  let failures: number;
  try {
    await sleep(calmMs);
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
      await evict(kubectl, service, log);
      await sleep(Math.max(0, enoughMs - Date.now()));
    }
    await drain(kubectl, services, log);
    const [first = ""] = services;
    await killOne(kubectl, first, log);
    await hangOne(kubectl, first, log);
    await sleep(calmMs);
  } finally {
    await load.stop();
    end();
    failures = report(load);
  }
  const verifyInvariants = join(root, "ops/verify-invariants.ts");
  process.stdout.write(await run(process.execPath, [verifyInvariants], { env: { ...env } }));
  return failures === 0 ? 0 : 1;
}

async function replace(kubectl: Kubectl, service: string, to: string | undefined, log: Log): Promise<void> {
  const deployment = `deployment/${service}`;
  log(`${service}: rolling out${to === undefined ? " again" : ` ${to}`}`);
  await kubectl(
    to === undefined ? ["rollout", "restart", deployment] : ["set", "image", deployment, `${service}=${to}`],
  );
  await kubectl(["rollout", "status", deployment, "--timeout=300s"]);
}

async function deleteEach(kubectl: Kubectl, service: string, log: Log): Promise<void> {
  for (const pod of await podsOf(kubectl, service)) {
    log(`${service}: deleting ${pod}`);
    await kubectl(["delete", "pod", pod]);
    await kubectl(["rollout", "status", `deployment/${service}`, "--timeout=300s"]);
  }
}

/** Of two pods the budget lets one go; the second must wait. A node that drains asks the same. */
async function evict(kubectl: Kubectl, service: string, log: Log): Promise<void> {
  const [one = "", other = ""] = await podsOf(kubectl, service);
  await evictPod(kubectl, one);
  const refusal = await evictPod(kubectl, other).catch(String);
  log(
    `${service}: evicted ${one}; its other pod: ${/disruption budget/.test(refusal ?? "") ? "kept" : "not kept"}`,
  );
  await kubectl(["wait", "--for=delete", `pod/${one}`, "--timeout=120s"]);
  await kubectl(["rollout", "status", `deployment/${service}`, "--timeout=300s"]);
}

/** Evicts every pod as a drain does: what a budget holds back is asked for again until it has gone. */
async function drain(kubectl: Kubectl, services: readonly string[], log: Log): Promise<void> {
  log("evicting every pod, as when a node is drained");
  const pods = (await Promise.all(services.map(service => podsOf(kubectl, service)))).flat();
  const waits = pods.map(async pod => {
    for (let refused = true; refused; ) {
      refused = await evictPod(kubectl, pod).then(
        () => false,
        error => /disruption budget/.test(String(error)),
      );
      await sleep(refused ? drainPollMs : 0);
    }
    await kubectl(["wait", "--for=delete", `pod/${pod}`, "--timeout=300s"]);
  });
  await Promise.all(waits);
  await waitForRollouts(kubectl);
  log(`${pods.length} pods were evicted`);
}

async function evictPod(kubectl: Kubectl, name: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  return kubectl(["create", "--raw", path, "--filename=-"], { input: JSON.stringify(eviction) });
}

/** Without a word to its clients, as when a node dies. */
async function killOne(kubectl: Kubectl, service: string, log: Log): Promise<void> {
  const [pod = ""] = await podsOf(kubectl, service);
  log(`${service}: killing ${pod}`);
  await kubectl(["delete", "pod", pod, "--grace-period=0", "--force"]);
  await kubectl(["rollout", "status", `deployment/${service}`, "--timeout=300s"]);
}

/** A process that neither answers nor ends; only where the pods' processes are those of this machine. */
async function hangOne(kubectl: Kubectl, service: string, log: Log): Promise<void> {
  const pid = processesOf(service)[0];
  if (pid === undefined) {
    log("no process of a pod is on this machine: left out, a replica that hangs");
    return;
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
  await kubectl(["rollout", "status", `deployment/${service}`, "--timeout=300s"]);
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

/** Those that are not about to end. */
async function podsOf(kubectl: Kubectl, service: string): Promise<string[]> {
  const selector = `--selector=app.kubernetes.io/name=${service}`;
  const { items } = JSON.parse(await kubectl(["get", "pods", selector, "--output=json"])) as {
    items: { metadata: { name: string; deletionTimestamp?: string } }[];
  };
  return items.flatMap(({ metadata }) => (metadata.deletionTimestamp === undefined ? [metadata.name] : []));
}
