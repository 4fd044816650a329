/** From `startMs` on and before `endMs`, in milliseconds since the epoch. One that ends before it starts was called off. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** The period of a new promotion: it begins now at the earliest, and now where no begin was named. */
export function newPeriod(wanted: { startMs: number | undefined; endMs: number }, nowMs: number): Period {
  return { startMs: Math.max(wanted.startMs ?? nowMs, nowMs), endMs: wanted.endMs };
}

/** True where two periods share a moment. */
export function overlap(one: Period, other: Period): boolean {
  return Math.max(one.startMs, other.startMs) < Math.min(one.endMs, other.endMs);
}
