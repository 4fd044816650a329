import { setTimeout as delay } from "node:timers/promises";
import type { ConfirmChargeRequest, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { answerMarginMs, type Context, userIdOf } from "#kit/contract/context.ts";
import { dropTask, hurryTask, startTask, type Task } from "#kit/data/tasks.ts";
import { failpoint } from "#kit/process/failpoint.ts";
import { requireActiveUser } from "#kit/rpc/active-user.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { startConfirm } from "../db/charge-moves.ts";
import { chargeTask, findCharge, sumConfirming } from "../db/charges.ts";
import { findBalance, lockWallet } from "../db/wallets.ts";
import { type Charge, remainingMs } from "../domain/charge-rules.ts";
import { totalOf, walletLimitPoints } from "../domain/ledger.ts";
import {
  chargeExpired,
  chargeNotFound,
  chargeNotOpen,
  limitExceeded,
  paymentDiffers,
  tooBusy,
} from "../failures.ts";
import { startReconciliation } from "../reconcile-charge.ts";
import { toCharge } from "../to-proto.ts";

export function confirmCharge(app: App): Handler<typeof PointService.method.confirmCharge> {
  return async (request, context) => {
    const ordered = await findOwnCharge(app, request, context);
    if (ordered.state === "ORDERED") {
      if (app.inFlight.isFull) {
        throw tooBusy();
      }
      await requireActiveUser(app.users, context);
      const task = await claimForConfirm(app, ordered, request.paymentKey);
      if (task !== undefined) {
        await failpoint("charge.confirming");
        await waitForOutcome(app, startReconciliation(app, task, { first: "confirm" }), context);
      }
    } else if (ordered.state === "CONFIRMING") {
      await hurryTask(app.database, chargeTask, ordered.chargeId);
      app.reconcileWakeup.wake();
    }
    const charge = await findOwnCharge(app, request, context);
    requireConfirmed(charge);
    return { charge: toCharge(charge) };
  };
}

/** Refuses a charge that this payment does not confirm. */
function requireConfirmed(charge: Charge): void {
  switch (charge.state) {
    case "ORDERED":
      // Still an order: it is too late, or the PSP does not know this payment.
      throw remainingMs(charge) === 0 ? chargeExpired() : paymentDiffers();
    case "EXPIRED":
      throw chargeExpired();
    case "CANCELLED":
    case "CLOSED":
      throw chargeNotOpen(charge.state);
  }
}

/** The caller's charge; refuses an amount or payment key that differs from it. */
async function findOwnCharge(
  { database }: App,
  { chargeId, paymentKey, amountPoints }: ConfirmChargeRequest,
  context: Context,
): Promise<Charge> {
  const charge = await findCharge(database, chargeId);
  if (charge?.userId !== userIdOf(context)) {
    throw chargeNotFound();
  }
  const isOtherPayment = charge.paymentKey !== null && charge.paymentKey !== paymentKey;
  if (isOtherPayment || charge.amountPoints !== amountPoints) {
    throw paymentDiffers();
  }
  return charge;
}

/**
 * Commits that the charge is being confirmed before the PSP is called, so that no payment is lost in a crash. The
 * claim is taken over from a recheck of the order that may be running. Returns undefined where the charge is no longer
 * an open order.
 */
function claimForConfirm(
  { database, instance, config }: App,
  charge: Charge,
  paymentKey: string,
): Promise<Task | undefined> {
  const { chargeId, userId } = charge;
  return database.transaction(async tx => {
    // The wallet's lock serializes what may fill it, so that together they fit.
    await lockWallet(tx, userId);
    if (!(await startConfirm(tx, charge, paymentKey))) {
      return undefined;
    }
    const present = totalOf(await findBalance(tx, userId));
    if (present + (await sumConfirming(tx, userId)) > walletLimitPoints) {
      throw limitExceeded(walletLimitPoints);
    }
    await dropTask(tx, chargeTask, chargeId);
    return startTask(tx, chargeTask, chargeId, { instance, claimMs: config.reconcile.claimMs });
  });
}

/**
 * Waits for as long as the caller can. The reconciliation continues after that, and the caller reads a charge that is
 * still being confirmed.
 */
async function waitForOutcome(
  { config }: App,
  reconciliation: Promise<void>,
  { deadlineMs, signal }: Context,
): Promise<void> {
  const waitMs = Math.min(config.confirm.waitMs, deadlineMs - Date.now() - answerMarginMs);
  const ended = new AbortController();
  const limit = delay(Math.max(0, waitMs), undefined, { signal: AbortSignal.any([signal, ended.signal]) });
  await Promise.race([reconciliation, limit.catch(() => {})]);
  ended.abort();
}
