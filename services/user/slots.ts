import { tooManyPasswords } from "./failures.ts";

/**
 * Runs work in a free slot. Throws SERVICE_UNAVAILABLE where the queue is full, and the signal's reason where it aborts
 * before a slot is free.
 */
export type RunInSlot = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** Limits how much work runs at the same time and how much may wait for it. */
export function createSlots({
  maxRunning,
  maxWaiting,
}: {
  maxRunning: number;
  maxWaiting: number;
}): RunInSlot {
  let free = maxRunning;
  // In their order.
  const waiting = new Set<() => void>();
  const take = async (signal: AbortSignal) => {
    signal.throwIfAborted();
    if (free > 0) {
      free -= 1;
      return;
    }
    if (waiting.size >= maxWaiting) {
      throw tooManyPasswords();
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.delete(enter);
        reject(signal.reason);
      };
      const enter = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      waiting.add(enter);
      signal.addEventListener("abort", leave, { once: true });
    });
  };
  const give = () => {
    const [next] = waiting;
    if (next === undefined) {
      free += 1;
    } else {
      waiting.delete(next);
      next();
    }
  };
  return async (work, signal) => {
    await take(signal);
    try {
      return await work();
    } finally {
      give();
    }
  };
}
