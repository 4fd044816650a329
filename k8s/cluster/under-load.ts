import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "#dev/stack/root.ts";
import type { RunningStack } from "#dev/stack/running-stack.ts";
import { run } from "../node/run.ts";
import { report, startLoad } from "./load.ts";

/** How long calls go on before and after a disturbance, and between two that must not be taken for one. */
export const calmMs = 10_000;

/**
 * Disturbs a deployment while people read, charge and buy; returns 1 if a call failed for good or `disturb` found a
 * problem, 0 otherwise. Prints what became of the calls and the problems, also when `disturb` throws, and then the
 * invariants. `end` is called before anything is printed.
 */
export async function underLoad(
  stack: RunningStack,
  end: () => void,
  disturb: (problems: string[]) => Promise<void>,
): Promise<number> {
  const load = await startLoad(stack);
  const problems: string[] = [];
  let failures: number;
  try {
    await sleep(calmMs);
    await disturb(problems);
    await sleep(calmMs);
  } finally {
    await load.stop();
    end();
    failures = report(load);
    process.stdout.write(problems.map(line => `${line}\n`).join(""));
  }
  const verifyInvariants = join(root, "ops/verify-invariants.ts");
  process.stdout.write(await run(process.execPath, [verifyInvariants], { env: { ...stack.env } }));
  return failures + problems.length === 0 ? 0 : 1;
}
