import { setTimeout as delay } from "node:timers/promises";

const pollMs = 50;

const limitMs = 120_000;

/**
 * Calls `find` until it returns something, and returns that; fails with `what` after two minutes, which a busy
 * machine may need.
 */
export async function waitFor<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
  const deadlineMs = Date.now() + limitMs;
  for (;;) {
    const found = await find();
    if (found !== undefined) {
      return found;
    }
    if (Date.now() > deadlineMs) {
      throw new Error(`There was no ${what} within ${limitMs / 1000} s.`);
    }
    await delay(pollMs);
  }
}
