export const dayMs = 86_400_000;

// Korea has had no daylight saving time since 1988.
const koreanOffsetMs = 9 * 3_600_000;

/** The Korean day of a time. */
export function koreanDayOf(timeMs: number): string {
  return dayNameOf(koreanDayNumber(timeMs));
}

/** The last Korean days, oldest first, today among them. */
export function recentDays(count: number): string[] {
  const today = koreanDayNumber(Date.now());
  return Array.from({ length: count }, (_, index) => dayNameOf(today - count + 1 + index));
}

/** The Korean month of a time, such as 2026-11. */
export function koreanMonthOf(timeMs: number): string {
  return koreanDayOf(timeMs).slice(0, 7);
}

/** When a Korean day begins and ends. */
export function boundsOf(day: string): { start: Date; end: Date } {
  const startMs = Date.parse(`${day}T00:00:00+09:00`);
  return { start: new Date(startMs), end: new Date(startMs + dayMs) };
}

/** When a Korean month, such as 2026-11, begins and ends. */
export function boundsOfMonth(month: string): { start: Date; end: Date } {
  const [year = 0, number = 0] = month.split("-").map(Number);
  const startOf = (monthIndex: number) => new Date(Date.UTC(year, monthIndex) - koreanOffsetMs);
  return { start: startOf(number - 1), end: startOf(number) };
}

/** A time as Korean clocks show it, such as 2026-11-27 18:40:00. */
export function koreanTimeText(time: Date): string {
  return new Date(time.getTime() + koreanOffsetMs).toISOString().slice(0, 19).replace("T", " ");
}

/** Counts Korean days. */
export function koreanDayNumber(timeMs: number): number {
  return Math.floor((timeMs + koreanOffsetMs) / dayMs);
}

/** The day with a number, as `YYYY-MM-DD`. */
export function dayNameOf(number: number): string {
  return new Date(number * dayMs).toISOString().slice(0, 10);
}
