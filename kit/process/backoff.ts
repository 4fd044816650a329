/** The wait between attempts: doubles from `baseMs`, never above `maxMs`. */
interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Milliseconds to wait after the n-th failed attempt, n from 1; half of it is jitter, so that callers spread out. */
export function backoffMs(attempt: number, { baseMs, maxMs }: Backoff): number {
  const fullMs = Math.min(baseMs * 2 ** Math.min(attempt - 1, 30), maxMs);
  return Math.round(fullMs * (0.5 + Math.random() / 2));
}
