import { setTimeout as delay } from "node:timers/promises";

const pollMs = 20;

/** Looks again and again until there is something to see, and returns it; fails with `what` after `withinMs`. */
export async function until<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  what = "the condition held",
  withinMs = 30_000,
): Promise<T> {
  const givesUpAt = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) {
      return seen;
    }
    if (Date.now() > givesUpAt) {
      throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    }
    await delay(pollMs);
  }
}
