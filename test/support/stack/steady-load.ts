import { setTimeout as delay } from "node:timers/promises";

/** What became of the calls of a load. */
export interface LoadResult {
  readonly calls: number;
  readonly failures: readonly string[];
}

/**
 * Calls again and again, with a pause that leaves processor time for replicas that are starting; `call` says what
 * failed. Returns a function that ends it.
 */
export function startLoad(
  pauseMs: number,
  call: () => Promise<string | undefined>,
): () => Promise<LoadResult> {
  let ended = false;
  let calls = 0;
  const failures: string[] = [];
  const work = async () => {
    while (!ended) {
      await delay(pauseMs);
      const failure = await call();
      calls += 1;
      if (failure !== undefined) {
        failures.push(failure);
      }
    }
  };
  const running = work();
  return async () => {
    ended = true;
    await running;
    return { calls, failures };
  };
}
