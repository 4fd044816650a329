import { setTimeout as delay } from "node:timers/promises";
import { createSeededRandom } from "#dev/sample/random.ts";
import type { FaultMesh } from "../support/faults/mesh.ts";
import { choices } from "./faults.ts";

const lanes = 2;
const pauseMs = 1500;

/** A fault that happened. */
export interface Happened {
  readonly what: string;
  /** From the start of the storm. */
  readonly atMs: number;
  readonly lastedMs: number;
  /** Why it could not be caused or ended, where that failed. */
  readonly error: string | undefined;
}

/** Causes random faults, two at a time, until it is stopped. */
export function startChaos(mesh: FaultMesh, seed: string): { stop(): Promise<readonly Happened[]> } {
  const startMs = Date.now();
  const happened: Happened[] = [];
  const busy = new Set<string>();
  const stopping = new AbortController();
  const { signal } = stopping;
  const lane = async (index: number) => {
    const random = createSeededRandom(`${seed} faults ${index}`);
    while (!signal.aborted) {
      const fault = random.pick(choices)(mesh, random);
      if (fault !== undefined && !busy.has(fault.target)) {
        busy.add(fault.target);
        const atMs = Date.now() - startMs;
        const error = await fault.run().then(() => undefined, String);
        busy.delete(fault.target);
        happened.push({ what: fault.what, atMs, lastedMs: Date.now() - startMs - atMs, error });
      }
      await delay(random.below(pauseMs), undefined, { signal }).catch(() => {});
    }
  };
  const running = Array.from({ length: lanes }, (_, index) => lane(index));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
      return happened;
    },
  };
}
