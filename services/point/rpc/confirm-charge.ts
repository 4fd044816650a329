import type { ConfirmChargeRequest, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { type Context, userIdOf } from "#kit/contract/context.ts";
import { dropTask, requestRecheck, startTask, type Task } from "#kit/data/tasks.ts";
import { failpoint } from "#kit/process/failpoint.ts";
import { requireActiveUser } from "#kit/rpc/active-user.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { startConfirm } from "../db/charge-moves.ts";
import { chargeTask, findCharge, sumConfirming } from "../db/charges.ts";
import { findBalance } from "../db/wallets.ts";
import type { Charge } from "../domain/charge-rules.ts";
import { totalOf, walletLimitPoints } from "../domain/ledger.ts";
import { chargeExpired, chargeNotFound, limitExceeded, paymentDiffers, tooBusy } from "../failures.ts";
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
      await requireRoom(app, ordered);
      const task = await claimForConfirm(app, request);
      if (task !== undefined) {
        await failpoint("charge.confirming");
        await waitForOutcome(app, startReconciliation(app, task, "confirm"), context);
      }
    } else if (ordered.state === "CONFIRMING") {
      await requestRecheck(app.database, chargeTask, ordered.chargeId);
      app.reconcileWakeup.wake();
    }
    const charge = await findOwnCharge(app, request, context);
    if (charge.state === "ORDERED" || charge.state === "EXPIRED") {
      throw chargeExpired();
    }
    return { charge: toCharge(charge) };
  };
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

async function requireRoom({ database }: App, { userId, amountPoints }: Charge): Promise<void> {
  const present = totalOf(await findBalance(database, userId));
  const coming = await sumConfirming(database, userId);
  if (present + coming + amountPoints > walletLimitPoints) {
    throw limitExceeded(walletLimitPoints);
  }
}

/**
 * Commits that the charge is being confirmed before the PSP is called, so that no payment is lost in a crash. The
 * claim is taken over from a recheck of the order that may be running. Returns undefined where the charge is no longer
 * an open order.
 */
function claimForConfirm(
  { database, instance, config }: App,
  { chargeId, paymentKey }: ConfirmChargeRequest,
): Promise<Task | undefined> {
  return database.transaction(async tx => {
    if (!(await startConfirm(tx, { chargeId, paymentKey }))) {
      return undefined;
    }
    await dropTask(tx, chargeTask, chargeId);
    return startTask(tx, chargeTask, chargeId, { instance, claimMs: config.reconcile.claimMs });
  });
}

const answerMarginMs = 500;

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
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>(resolve => {
    timer = setTimeout(resolve, Math.max(0, waitMs));
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([reconciliation, limit]);
  clearTimeout(timer);
}
