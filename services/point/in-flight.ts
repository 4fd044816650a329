import { setTimeout as delay } from "node:timers/promises";

/** Work of this process that continues even if its caller stops waiting. */
export interface InFlight {
  /** Starts work; its signal aborts when the process cannot wait for it any longer. */
  run(work: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** True while so much is in flight that no more should be started for callers. */
  readonly isFull: boolean;
  /** Waits until nothing is in flight; after `limitMs` aborts the rest, and gives it five more seconds. */
  drain(limitMs: number): Promise<void>;
}

const abortGraceMs = 5000;

/** Tracks the work of one process; full when `limit` are in flight. */
export function createInFlight(limit: number): InFlight {
  const running = new Set<Promise<void>>();
  const controller = new AbortController();
  return {
    run(work) {
      const one = work(controller.signal).finally(() => running.delete(one));
      running.add(one);
      return one;
    },
    get isFull() {
      return running.size >= limit;
    },
    async drain(limitMs) {
      const waiting = new AbortController();
      const { signal } = waiting;
      const limit = async () => {
        await delay(limitMs, undefined, { signal });
        controller.abort(new Error("the process stops"));
        await delay(abortGraceMs, undefined, { signal });
      };
      await Promise.race([Promise.all(running), limit().catch(() => {})]);
      waiting.abort();
    },
  };
}
