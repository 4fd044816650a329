import { claimTasks, finishTask, postponeTask, type Task, withClaim } from "#kit/data/tasks.ts";
import { backoffMs } from "#kit/process/backoff.ts";
import type { App } from "../app.ts";
import { compareTask, dayOfTask, findDayFacts, markCompared, scheduleDay } from "../db/compared-days.ts";
import { daysToSchedule } from "../domain/compared-days.ts";
import { recordDifference } from "../record-difference.ts";
import { compareDay } from "./compare-day.ts";

/**
 * Compares a past day that is due with the records of its PSP. Each day is a task of its own, so that one that cannot
 * be compared yet holds up no other. Returns true where there may be more.
 */
export function compareDays(app: App): (signal: AbortSignal) => Promise<boolean> {
  const { database, instance, config } = app;
  return async signal => {
    for (const { name } of app.psps.all) {
      await scheduleDays(app, name);
    }
    const { claimMs } = config.reconcile;
    const [task] = await claimTasks(database, compareTask, 1, { instance, claimMs });
    if (task === undefined) {
      return false;
    }
    await withClaim(database, task, lost => compare(app, task, { stop: signal, lost }));
    return true;
  };
}

async function scheduleDays({ database, config }: App, provider: string): Promise<void> {
  const facts = await findDayFacts(database, provider);
  const days = facts === undefined ? [] : daysToSchedule({ ...facts, delayMs: config.compare.delayMs });
  for (const day of days) {
    await database.transaction(tx => scheduleDay(tx, { provider, day }));
  }
}

// What the PSP could not tell by then is recorded as a discrepancy.
const attemptsMax = 6;

async function compare(
  app: App,
  task: Task,
  { stop, lost }: { stop: AbortSignal; lost: AbortSignal },
): Promise<void> {
  const { database, psps, log, config } = app;
  const { provider, day } = dayOfTask(task.id);
  const isLastAttempt = task.attempts >= attemptsMax;
  try {
    const signal = AbortSignal.any([stop, lost]);
    const transactions = await compareDay(app, { psp: psps.named(provider), day, isLastAttempt, signal });
    await database.transaction(async tx => {
      await markCompared(tx, { provider, day, transactions });
      await finishTask(tx, task);
    });
  } catch (error) {
    if (stop.aborted) {
      return postponeTask(database, task, { delayMs: 0, error: "stopped" });
    }
    log.error({ err: error, provider, day }, "day not compared, will be retried");
    if (isLastAttempt) {
      const amounts = { ourAmountPoints: 0n, pspAmountPoints: 0n };
      await recordDifference(app, database, { kind: "UNREADABLE", chargeId: day, ...amounts });
    }
    const { retryMs } = config.compare;
    const delayMs = backoffMs(task.attempts, { baseMs: retryMs, maxMs: 6 * retryMs });
    await postponeTask(database, task, { delayMs, error: `${error}` });
  }
}
