import { setTimeout as sleep } from "node:timers/promises";
import { eachOf } from "#dev/sample/each-of.ts";
import { namespace } from "./deploy.ts";
import type { Kubectl } from "./kubectl.ts";
import { podsOf } from "./pods.ts";

type Log = (line: string) => void;

const pollMs = 1000;
const partsAtOnce = 2;

/** Of two pods the budget lets one go; the second must wait. A node that drains asks the same. */
export async function evict(kubectl: Kubectl, service: string, log: Log): Promise<void> {
  const [one = "", other = ""] = await podsOf(kubectl, service);
  await evictPod(kubectl, one);
  const refusal = await evictPod(kubectl, other).catch(String);
  log(
    `${service}: evicted ${one}; its other pod: ${/disruption budget/.test(refusal ?? "") ? "kept" : "not kept"}`,
  );
  await kubectl(["wait", "--for=delete", `pod/${one}`, "--timeout=120s"]);
  await kubectl(["rollout", "status", `deployment/${service}`, "--timeout=300s"]);
}

/**
 * Evicts every pod of some parts as a drain does: what a budget holds back is asked for again until it has gone. The
 * node stays schedulable, since the only one has to take the pods that replace them, and it starts those of two parts
 * at a time.
 */
export async function drain(kubectl: Kubectl, parts: readonly string[], log: Log): Promise<void> {
  log("evicting every pod, as when a node is drained");
  const counts = await eachOf(parts, partsAtOnce, async part => {
    const pods = await podsOf(kubectl, part);
    await Promise.all(pods.map(pod => evictUntilGone(kubectl, pod)));
    await kubectl(["rollout", "status", `deployment/${part}`, "--timeout=300s"]);
    return pods.length;
  });
  log(`${counts.reduce((sum, count) => sum + count, 0)} pods of ${parts.length} deployments were evicted`);
}

async function evictUntilGone(kubectl: Kubectl, pod: string): Promise<void> {
  for (let refused = true; refused; ) {
    refused = await evictPod(kubectl, pod).then(
      () => false,
      error => /disruption budget/.test(String(error)),
    );
    await sleep(refused ? pollMs : 0);
  }
  await kubectl(["wait", "--for=delete", `pod/${pod}`, "--timeout=300s"]);
}

async function evictPod(kubectl: Kubectl, name: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  return kubectl(["create", "--raw", path, "--filename=-"], { input: JSON.stringify(eviction) });
}
