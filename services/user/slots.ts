import { tooManyPasswords } from "./failures.ts";

/** Runs work when a slot is free; throws SERVICE_UNAVAILABLE where too much waits already, and the signal's reason where nobody waits any more. */
export type RunInSlot = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** Lets `running` pieces of work run at once and at most `waiting` further ones wait. */
export function createSlots({ running, waiting }: { running: number; waiting: number }): RunInSlot {
  let free = running;
  const queue: (() => void)[] = [];
  const take = async () => {
    if (free > 0) {
      free -= 1;
      return;
    }
    if (queue.length >= waiting) {
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
