import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "#dev/stack/root.ts";
import type { RunningStack } from "#dev/stack/running-stack.ts";
import { run } from "../node/run.ts";
import { report, startLoad } from "./load.ts";

/** How long calls go on before and after a disturbance, and between two that must not be taken for one. */
export const calmMs = 10_000;

/**
 * Disturbs a deployment while people read, charge and buy. Prints what became of their calls, then the invariants;
 * returns how many calls failed for good. `end` is called before anything is printed.
 */
export async function underLoad(
  stack: RunningStack,
  end: () => void,
  disturb: () => Promise<void>,
): Promise<number> {
  const load = await startLoad(stack);
  let failures: number;
  try {
    await sleep(calmMs);
    await disturb();
    await sleep(calmMs);
  } finally {
    await load.stop();
    end();
    failures = report(load);
  }
  const verifyInvariants = join(root, "ops/verify-invariants.ts");
  process.stdout.write(await run(process.execPath, [verifyInvariants], { env: { ...stack.env } }));
  return failures;
}
