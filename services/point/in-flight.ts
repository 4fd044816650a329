/** Work of this process that continues even if its caller stops waiting. */
export interface InFlight {
  /** Starts work; its signal aborts when the process cannot wait for it any longer. */
  run(work: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** True while so much is in flight that no more should be started for callers. */
  readonly isFull: boolean;
  /** Waits until nothing is in flight; after `limitMs` aborts the rest. */
  drain(limitMs: number): Promise<void>;
}

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
      const timer = setTimeout(() => controller.abort(new Error("the process stops")), limitMs);
      await Promise.all(running);
      clearTimeout(timer);
    },
  };
}
