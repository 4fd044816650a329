import { setTimeout as delay } from "node:timers/promises";

interface WaitOptions {
  /** Two minutes by default, which a busy machine may need. */
  readonly withinMs?: number;
  readonly everyMs?: number;
}

/** Calls `find` until it returns something, and returns that; fails with what was waited for when time is over. */
export async function waitFor<T>(
  what: string | (() => string),
  find: () => Promise<T | undefined | false> | T | undefined | false,
  { withinMs = 120_000, everyMs = 50 }: WaitOptions = {},
): Promise<T> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (Date.now() > deadlineMs) {
      throw new Error(`waited ${withinMs / 1000} s for ${typeof what === "string" ? what : what()}`);
    }
    await delay(everyMs);
  }
}
