import type { Tx } from "#kit/data/database.ts";
import { outliveCall } from "#kit/data/statement-deadline.ts";
import { finishTask, postponeTask, type Task, withClaim } from "#kit/data/tasks.ts";
import type { Writes } from "#kit/data/transaction-statements.ts";
import { backoffMs } from "#kit/process/backoff.ts";
import { failpoint } from "#kit/process/failpoint.ts";
import type { App } from "./app.ts";
import { creditCharge } from "./credit-charge.ts";
import { markAnswered, markExpired, markFailed, reopen, startNextAttempt } from "./db/charge-moves.ts";
import { findClaimedCharge } from "./db/charges.ts";
import {
  afterConfirm,
  afterFind,
  answersAttempt,
  type Charge,
  remainingMs,
  type Step,
} from "./domain/charge-rules.ts";
import type { Psp } from "./psp/psp.ts";
import { recordDifference } from "./record-difference.ts";

/**
 * Starts to reconcile the charge of a claimed task. Continues even if the caller stops waiting; the signal is for one
 * whose own work must end. Never throws.
 */
export function startReconciliation(
  app: App,
  task: Task,
  { first = "find", signal }: { first?: "confirm" | "find"; signal?: AbortSignal } = {},
): Promise<void> {
  const work = (stop: AbortSignal) =>
    reconcileCharge(app, task, first, signal === undefined ? stop : AbortSignal.any([stop, signal]));
  return outliveCall(() => app.inFlight.run(work));
}

/**
 * Asks the PSP about the charge of a claimed task until its outcome is known or the PSP cannot tell, and ends the
 * claim. An error is logged, and the charge is reconciled again later.
 */
async function reconcileCharge(
  app: App,
  task: Task,
  first: "confirm" | "find",
  stop: AbortSignal,
): Promise<void> {
  const { database, log, psps } = app;
  try {
    await withClaim(database, task, async lost => {
      const charge = await findClaimedCharge(database, task);
      if (charge === undefined) {
        return;
      }
      const psp = psps.named(charge.provider);
      const work = { app, task, charge, psp, signal: AbortSignal.any([stop, lost]) };
      await carryOut(work, await askPsp(work, first));
    });
  } catch (error) {
    log.error({ err: error, chargeId: task.id }, "charge not reconciled, will be retried");
    const delayMs = backoffMs(task.attempts, app.config.reconcile);
    await postponeTask(database, task, { delayMs, error: "internal error" }).catch((cause: unknown) =>
      log.warn({ err: cause, chargeId: task.id }, "charge task not postponed, its claim will expire"),
    );
  }
}

/** One reconciliation. The signal aborts when the claim is lost or the process stops. */
interface Work {
  readonly app: App;
  readonly task: Task;
  readonly charge: Charge;
  readonly psp: Psp;
  readonly signal: AbortSignal;
}

type Outcome = Exclude<Step, { do: "find" | "confirm" }>;

// At most one confirm and two finds; a charge that is still open then waits until its task is due again.
async function askPsp(work: Work, first: "confirm" | "find"): Promise<Outcome> {
  const { charge } = work;
  let step: Step = first === "confirm" ? { do: "confirm", attempt: charge.attempt } : await find(work);
  if (step.do === "confirm") {
    step = await confirm(work, step.attempt);
  }
  if (step.do === "find") {
    step = await find(work);
  }
  return step.do === "find" || step.do === "confirm" ? { do: "wait", error: "not confirmed yet" } : step;
}

async function find({ charge, psp, signal }: Work): Promise<Step> {
  return afterFind(charge, await psp.find(charge.chargeId, signal));
}

async function confirm({ app, charge, psp, signal }: Work, attempt: number): Promise<Step> {
  const { chargeId, amountPoints, paymentKey } = charge;
  const idempotencyKey =
    attempt === charge.attempt
      ? charge.idempotencyKey
      : await startNextAttempt(app.database, charge, attempt);
  if (idempotencyKey === undefined) {
    return movedMeanwhile;
  }
  if (paymentKey === null || idempotencyKey === null) {
    throw new TypeError(`charge ${chargeId} cannot be confirmed without its keys`);
  }
  const answer = await psp.confirm({ chargeId, paymentKey, amountPoints, idempotencyKey }, signal);
  if (answersAttempt(answer)) {
    await markAnswered(app.database, charge, attempt);
  }
  return afterConfirm(charge, answer);
}

const movedMeanwhile = { do: "wait", error: "moved by another worker" } as const;

/** Stores the outcome and ends the claim, in one transaction. */
async function carryOut(work: Work, outcome: Outcome): Promise<void> {
  const { charge } = work;
  switch (outcome.do) {
    case "credit":
      await failpoint("charge.paid");
      return move(work, tx => creditCharge(work.app, tx, charge, outcome.payment));
    case "fail":
      return move(work, tx => markFailed(tx, charge, outcome));
    case "expire":
      return move(work, tx => markExpired(tx, charge));
    case "reopen":
      return move(work, tx => reopen(tx, charge), waitForBuyer);
    case "report":
      return report(work, outcome);
    case "wait":
      return wait(work, outcome.error);
    case "release":
      return release(work);
  }
}

async function move(
  work: Work,
  moveCharge: (tx: Tx) => Promise<boolean>,
  endClaim: (tx: Tx, work: Work) => Promise<void> = (tx, { task }) => finishTask(tx, task),
): Promise<void> {
  const moved = await work.app.database.transaction(async tx => {
    const moved = await moveCharge(tx);
    if (moved) {
      await endClaim(tx, work);
    }
    return moved;
  });
  if (!moved) {
    await wait(work, movedMeanwhile.error);
  }
}

async function report(
  { app, task, charge }: Work,
  { kind, pspAmountPoints }: Extract<Outcome, { do: "report" }>,
): Promise<void> {
  const { chargeId, state, amountPoints } = charge;
  const ourAmountPoints = state === "CHARGED" ? amountPoints : 0n;
  await app.database.transaction(async tx => {
    await recordDifference(app, tx, { kind, chargeId, ourAmountPoints, pspAmountPoints });
    if (state === "ORDERED" || state === "CONFIRMING") {
      await postponeTask(tx, task, { delayMs: app.config.reconcile.maxMs, error: kind });
    } else {
      await finishTask(tx, task);
    }
  });
}

function wait({ app, task }: Work, error: string): Promise<void> {
  return postponeTask(app.database, task, { delayMs: backoffMs(task.attempts, app.config.reconcile), error });
}

/** Nothing to do: an order is checked again when it expires, any other charge when a recheck is requested. */
function release(work: Work): Promise<void> {
  const { app, task, charge } = work;
  return charge.state === "ORDERED"
    ? waitForBuyer(app.database, work)
    : app.database.transaction(tx => finishTask(tx, task));
}

/** The time to pay for an order counts from its beginning, however often it was opened again. */
function waitForBuyer(on: Writes, { task, charge }: Work): Promise<void> {
  return postponeTask(on, task, { delayMs: remainingMs({ ...charge, confirmTime: null }), error: "" });
}
