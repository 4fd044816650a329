import { waitFor } from "#dev/demo/wait.ts";
import { eachOf } from "#dev/sample/each-of.ts";
import type { Log } from "#dev/stack/progress.ts";
import { waitForRollout } from "./apply.ts";
import { namespace } from "./deploy.ts";
import type { Kubectl } from "./kubectl.ts";
import { podsOf } from "./pods.ts";

const allowedLimits = { withinMs: 300_000, everyMs: 1000 };
const partsAtOnce = 2;

/**
 * Evicts one of the two pods of a service and asks for the other, which the disruption budget must keep; returns what
 * is wrong. A node that drains asks the same.
 */
export async function evict(kubectl: Kubectl, service: string, log: Log): Promise<string[]> {
  const [one = "", other = ""] = await podsOf(kubectl, service);
  await evictWhenAllowed(kubectl, one);
  const kept = !(await evictPod(kubectl, other));
  log(`${service}: evicted ${one}; its other pod: ${kept ? "kept" : "not kept"}`);
  await kubectl(["wait", "--for=delete", `pod/${one}`, "--timeout=120s"]);
  await waitForRollout(kubectl, service);
  return kept ? [] : [`${service}: the disruption budget let both of two pods be evicted`];
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
    await waitForRollout(kubectl, part);
    return pods.length;
  });
  log(`${counts.reduce((sum, count) => sum + count, 0)} pods of ${parts.length} deployments were evicted`);
}

async function evictUntilGone(kubectl: Kubectl, pod: string): Promise<void> {
  await evictWhenAllowed(kubectl, pod);
  await kubectl(["wait", "--for=delete", `pod/${pod}`, "--timeout=300s"]);
}

async function evictWhenAllowed(kubectl: Kubectl, pod: string): Promise<void> {
  await waitFor(`the disruption budget to let ${pod} go`, () => evictPod(kubectl, pod), allowedLimits);
}

/** False if its disruption budget keeps the pod. */
async function evictPod(kubectl: Kubectl, name: string): Promise<boolean> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  try {
    await kubectl(["create", "--raw", path, "--filename=-"], { input: JSON.stringify(eviction) });
    return true;
  } catch (error) {
    if (!/violate the pod's disruption budget/.test(String(error))) {
      throw error;
    }
    return false;
  }
}
