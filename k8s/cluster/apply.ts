import { waitFor } from "#dev/demo/wait.ts";
import type { Log } from "#dev/stack/progress.ts";
import type { Kubectl } from "./kubectl.ts";

const jobLimits = { withinMs: 180_000, everyMs: 500 };
// Reasons for which a container never starts by itself.
const cannotStart = /CreateContainerConfigError|InvalidImageName|ErrImageNeverPull|ImagePullBackOff/;
const rolloutWithin = "300s";

/** The namespace of the product, in which Kubernetes refuses pods that may do more than they need. */
export function namespaceOf(name: string) {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  };
}

/** Applies a kustomization as one owner of its fields. */
export function applyFolder(kubectl: Kubectl, folder: string, ...more: string[]): Promise<string> {
  return kubectl([
    "apply",
    "--server-side",
    "--force-conflicts",
    "--field-manager=questioncloud",
    ...more,
    "-k",
    folder,
  ]);
}

/** Runs the jobs of a kustomization once more and waits until each is complete. */
export async function runJobs(kubectl: Kubectl, folder: string, log: Log): Promise<void> {
  const jobs = await jobsIn(kubectl, folder);
  await kubectl(["delete", "jobs", "--ignore-not-found", ...jobs]);
  await applyFolder(kubectl, folder);
  for (const job of jobs) {
    await waitForJob(kubectl, job);
    log(`job ${job} is complete`);
  }
}

async function jobsIn(kubectl: Kubectl, folder: string): Promise<string[]> {
  const names = await kubectl(["kustomize", folder]);
  return [...names.matchAll(/^kind: Job\nmetadata:\n(?: .*\n)*? {2}name: (\S+)/gm)].map(
    ([, name = ""]) => name,
  );
}

async function waitForJob(kubectl: Kubectl, job: string): Promise<void> {
  const isComplete = async () => {
    const conditions = await kubectl(["get", "job", job, "--output=jsonpath={.status.conditions[*].type}"]);
    if (/\bComplete\b/.test(conditions)) {
      return true;
    }
    const waiting = await kubectl([
      ...["get", "pods", `--selector=job-name=${job}`],
      "--output=jsonpath={.items[*].status.containerStatuses[*].state.waiting}",
    ]);
    if (/\bFailed\b/.test(conditions) || cannotStart.test(waiting)) {
      throw new Error(waiting);
    }
    return false;
  };
  try {
    await waitFor("its end", isComplete, jobLimits);
  } catch (error) {
    const log = await kubectl(["logs", `job/${job}`, "--tail=10"]).catch(() => "");
    throw new Error(`job ${job} failed: ${log}${(error as Error).message}`);
  }
}

/** Waits until the deployment of a part has its new pods, and only these. */
export async function waitForRollout(kubectl: Kubectl, part: string): Promise<void> {
  await kubectl(["rollout", "status", `deployment/${part}`, `--timeout=${rolloutWithin}`]);
}

/** The same of every deployment; returns how many there are. */
export async function waitForRollouts(kubectl: Kubectl): Promise<number> {
  const names = await kubectl(["get", "deployments", "--output=jsonpath={.items[*].metadata.name}"]);
  const parts = names.trim().split(" ");
  await Promise.all(parts.map(part => waitForRollout(kubectl, part)));
  return parts.length;
}
