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
  const queue: (() => void)[] = [];
  const take = async () => {
    if (free > 0) {
      free -= 1;
      return;
    }
    if (queue.length >= maxWaiting) {
      throw tooManyPasswords();
    }
    await new Promise<void>(resolve => queue.push(resolve));
  };
  const give = () => {
    const next = queue.shift();
    if (next === undefined) {
      free += 1;
    } else {
      next();
    }
  };
  return async (work, signal) => {
    await take();
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      give();
    }
  };
}
