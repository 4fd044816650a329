import { dayMs, dayNameOf, koreanDayNumber } from "./korean-time.ts";

/** What decides which days are compared next. Times are milliseconds since the epoch. */
interface DayFacts {
  readonly nowMs: number;
  /** When the first charge was ordered. */
  readonly firstMs: number;
  /** The newest day that is scheduled already, as `YYYY-MM-DD`. */
  readonly lastDay: string | undefined;
  /** Milliseconds after the end of a day before it is compared. */
  readonly delayMs: number;
}

const daysAtOnce = 31;

/**
 * The past Korean days that are not scheduled yet, oldest first, as many as should be scheduled at once. They follow
 * one another from the day of the first charge, so that none is ever left out.
 */
export function daysToSchedule({ nowMs, firstMs, lastDay, delayMs }: DayFacts): string[] {
  const end = koreanDayNumber(nowMs - delayMs);
  const start = lastDay === undefined ? koreanDayNumber(firstMs) : Date.parse(lastDay) / dayMs + 1;
  const count = Math.min(Math.max(end - start, 0), daysAtOnce);
  return Array.from({ length: count }, (_, index) => dayNameOf(start + index));
}
