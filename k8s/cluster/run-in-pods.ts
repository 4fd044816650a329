import type { Kubectl } from "./kubectl.ts";
import { podsOf } from "./pods.ts";

/**
 * Runs a script in a pod, where there is Node.js and no shell, and returns the JSON that it printed. What it finds as
 * `input` is on no command line, because it may be a secret. `pod` may be a deployment, of which it takes any pod.
 */
export async function runInPod<T>(kubectl: Kubectl, pod: string, script: string, input: string): Promise<T> {
  const whole = `const input = require("node:fs").readFileSync(0, "utf8");${script}`;
  return JSON.parse(await kubectl(["exec", "--stdin", pod, "--", "node", "--eval", whole], { input }));
}

/** The same in each pod of a part. */
export async function runInEachPod<T>(
  kubectl: Kubectl,
  part: string,
  script: string,
  input: string,
): Promise<T[]> {
  const printed: T[] = [];
  for (const pod of await podsOf(kubectl, part)) {
    printed.push(await runInPod<T>(kubectl, pod, script, input));
  }
  return printed;
}
