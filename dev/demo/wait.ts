import { setTimeout as delay } from "node:timers/promises";

const pollMs = 50;

/** Looks again and again until there is something to see, and returns it; fails with `what` after `withinMs`. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined>,
  withinMs = 30_000,
): Promise<T> {
  const givesUpAt = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) {
      return seen;
    }
    if (Date.now() > givesUpAt) {
      throw new Error(`Waited ${withinMs} ms in vain for ${what}.`);
    }
    await delay(pollMs);
  }
}
