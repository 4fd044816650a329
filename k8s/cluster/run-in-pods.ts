import type { Kubectl } from "./kubectl.ts";
import { podsOf } from "./pods.ts";

/**
 * Runs a script with an argument in a pod, where there is Node.js and no shell, and returns the JSON that it printed.
 * `pod` may be a deployment, of which it takes any pod.
 */
export async function runInPod<T>(
  kubectl: Kubectl,
  pod: string,
  script: string,
  argument: string,
): Promise<T> {
  return JSON.parse(await kubectl(["exec", pod, "--", "node", "--eval", script, argument]));
}

/** The same in each pod of a part. */
export async function runInEachPod<T>(
  kubectl: Kubectl,
  part: string,
  script: string,
  argument: string,
): Promise<T[]> {
  const printed: T[] = [];
  for (const pod of await podsOf(kubectl, part)) {
    printed.push(await runInPod<T>(kubectl, pod, script, argument));
  }
  return printed;
}
