import { setTimeout as delay } from "node:timers/promises";

const pollMs = 20;
const stuckMs = 30_000;

interface UntilOptions {
  /** Milliseconds without progress after which to give up. */
  readonly stuckMs?: number;
  /** Something that changes while there is progress. */
  readonly progress?: () => unknown;
}

/**
 * Calls `find` until it returns something, and returns that. Gives up after 30 s without progress. On a busy machine
 * a call takes longer, and so does everything else: time counts only after as many calls as an idle machine makes in
 * a third of it.
 */
export async function until<T>(
  find: () => Promise<T | undefined | false> | T | undefined | false,
  what = "the condition holds",
  options: UntilOptions = {},
): Promise<T> {
  const limitMs = options.stuckMs ?? stuckMs;
  let seen = describe(options.progress);
  let progressMs = Date.now();
  let calls = 0;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) {
      return found;
    }
    calls += 1;
    const now = describe(options.progress);
    if (now !== seen) {
      seen = now;
      progressMs = Date.now();
      calls = 0;
    }
    const waitedMs = Date.now() - progressMs;
    if (waitedMs > limitMs && (calls > limitMs / pollMs / 3 || waitedMs > 5 * limitMs)) {
      throw new Error(
        `waited ${Math.round(waitedMs / 1000)} s until ${what}${seen && `; last seen:\n${seen}`}`,
      );
    }
    await delay(pollMs);
  }
}

function describe(progress: UntilOptions["progress"]): string {
  const value = progress?.();
  return value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
}
