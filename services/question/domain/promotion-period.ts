/** Includes the start and excludes the end. A promotion that was ended before it started ends before its start. */
export interface Period {
  readonly startTime: Date;
  readonly endTime: Date;
}

/** The period of a new promotion. It starts now at the earliest, and now if no start is given. */
export function newPeriod(requested: { startTime: Date | undefined; endTime: Date }, now: Date): Period {
  const { startTime = now, endTime } = requested;
  return { startTime: startTime < now ? now : startTime, endTime };
}

/** True where two periods share a moment. */
export function overlap(one: Period, other: Period): boolean {
  return (
    Math.max(one.startTime.getTime(), other.startTime.getTime()) <
    Math.min(one.endTime.getTime(), other.endTime.getTime())
  );
}
