import { koreanDayOf } from "#services/point/domain/korean-time.ts";
import { until } from "../stack/until.ts";

const untilMidnightMs = 60_000;

/** Waits, if the Korean day ends within a minute, until the next one begins: for tests of what a day's list has. */
export async function untilDayLasts(): Promise<void> {
  const lasts = () => koreanDayOf(Date.now()) === koreanDayOf(Date.now() + untilMidnightMs);
  await until(lasts, "the Korean day lasts", { stuckMs: 2 * untilMidnightMs });
}
