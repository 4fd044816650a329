/** What the choice of the next day depends on. Times are milliseconds since the epoch. */
interface DayChoice {
  readonly nowMs: number;
  /** When the first charge was ordered. */
  readonly firstMs: number;
  /** Days that were compared, as `YYYY-MM-DD`. */
  readonly done: ReadonlySet<string>;
  /** Milliseconds after the end of a day before it is compared. */
  readonly delayMs: number;
  /** How many past days may be caught up. */
  readonly daysMax: number;
}

const dayMs = 86_400_000;
const koreanOffsetMs = 9 * 3_600_000;

/** The oldest past Korean day that has not been compared yet, or undefined. */
export function nextDay({ nowMs, firstMs, done, delayMs, daysMax }: DayChoice): string | undefined {
  const last = koreanDayNumber(nowMs - delayMs) - 1;
  const first = Math.max(koreanDayNumber(firstMs), last - daysMax + 1);
  for (let number = first; number <= last; number++) {
    const day = nameOf(number);
    if (!done.has(day)) {
      return day;
    }
  }
  return undefined;
}

/** The Korean day of a time. */
export function koreanDayOf(timeMs: number): string {
  return nameOf(koreanDayNumber(timeMs));
}

/** When a Korean day begins and ends. */
export function boundsOf(day: string): { start: Date; end: Date } {
  const startMs = Date.parse(`${day}T00:00:00+09:00`);
  return { start: new Date(startMs), end: new Date(startMs + dayMs) };
}

function koreanDayNumber(timeMs: number): number {
  return Math.floor((timeMs + koreanOffsetMs) / dayMs);
}

function nameOf(number: number): string {
  return new Date(number * dayMs).toISOString().slice(0, 10);
}
