import type { App } from "../app.ts";
import { findDayFacts, markCompared } from "../db/compared-days.ts";
import { nextDay } from "../domain/compared-days.ts";
import type { Psp } from "../psp/psp.ts";
import { compareDay } from "./compare-day.ts";

/** Compares, for each PSP, the oldest past day that has not been compared yet. Returns true where there may be more. */
export function compareDays(app: App): (signal: AbortSignal) => Promise<boolean> {
  return async signal => {
    const results = await Promise.all(app.psps.all.map(psp => compareNext(app, psp, signal)));
    return results.includes(true);
  };
}

async function compareNext(app: App, psp: Psp, signal: AbortSignal): Promise<boolean> {
  const { pollMs, delayMs, daysMax } = app.config.compare;
  const facts = await findDayFacts(app.database, psp.name);
  const day = facts && nextDay({ ...facts, delayMs, daysMax });
  if (day === undefined) {
    return false;
  }
  const done = await app.runWithLease(`point-compare-day-${psp.name}`, pollMs, async () => {
    const transactions = await compareDay(app, { psp, day, signal });
    await markCompared(app.database, { provider: psp.name, day, transactions });
    return true;
  });
  return done ?? false;
}
