import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { createWorkContext, type WorkContext } from "#kit/contract/context.ts";
import { type Failure, isDecided, reasonName } from "#kit/contract/failure.ts";
import { dropTask, postponeTask, type Task, withClaim } from "#kit/data/tasks.ts";
import { backoffMs } from "#kit/process/backoff.ts";
import { failpoint } from "#kit/process/failpoint.ts";
import type { App } from "./app.ts";
import { markCancelled, markPaid, purchaseTask } from "./db/purchases.ts";
import type { Purchase } from "./domain/purchase.ts";
import { timedOut } from "./failures.ts";
import { type Participant, participantsOf } from "./participants.ts";
import { toPurchasedEvent } from "./to-proto.ts";

/**
 * Works on a pending purchase that the caller has claimed: completes it, or cancels it once it has waited too long.
 * Where the outcome stays unknown the purchase goes back to the resolver, the first time at once. Never throws.
 */
export async function workOnPurchase(
  app: Dependencies,
  purchase: Purchase,
  { task, requestId, signal }: { task: Task; requestId?: string; signal?: AbortSignal },
): Promise<void> {
  const { database, log, config, name } = app;
  const { purchaseId, userId } = purchase;
  const { workMs, pendingLimitMs } = config.purchase;
  try {
    await withClaim(database, task, claimSignal => {
      const work = createWorkContext({
        service: name,
        userId,
        timeoutMs: workMs,
        signal: signal === undefined ? claimSignal : AbortSignal.any([claimSignal, signal]),
        ...(requestId === undefined ? {} : { requestId }),
      });
      return purchase.ageMs > pendingLimitMs
        ? cancelPurchase(app, purchase, timedOut(), work)
        : completePurchase(app, purchase, work);
    });
  } catch (error) {
    const { attempts } = task;
    log.warn({ err: error, purchaseId, attempts }, "purchase outcome unknown, left to the resolver");
    const delayMs = attempts === 1 ? 0 : backoffMs(attempts - 1, config.resolve);
    await postponeTask(database, task, { delayMs, error: String(error) }).catch((cause: unknown) =>
      log.warn({ err: cause, purchaseId }, "purchase task not postponed, its claim will expire"),
    );
    app.resolverWakeup.wake();
  }
}

/**
 * Carries a pending purchase to its end: every participant holds its part, and then it is PAID; or one refuses, and
 * then it is CANCELLED. Throws where the outcome is unknown; then the same may be repeated with the same ids, by any
 * replica.
 */
async function completePurchase(app: Dependencies, purchase: Purchase, work: WorkContext): Promise<void> {
  try {
    for (const participant of participantsOf(app, purchase)) {
      await participant.reserve(purchase, work);
    }
  } catch (error) {
    if (!isDecided(error)) {
      throw error;
    }
    return cancelPurchase(app, purchase, error, work);
  }
  await failpoint("purchase.reserved");
  const { purchaseId } = purchase;
  const paid = await app.database.transaction(async tx => {
    const payTime = await markPaid(tx, purchaseId);
    if (payTime === undefined) {
      return false;
    }
    await app.outbox.append(tx, QuestionsPurchasedSchema, toPurchasedEvent(purchase, payTime));
    await dropTask(tx, purchaseTask, purchaseId);
    return true;
  });
  await failpoint("purchase.paid");
  if (paid) {
    await tellParticipants(app, purchase, participant => participant.confirm(purchase, work));
  }
}

/** Ends a pending purchase without payment, for the reason of `refusal`. */
async function cancelPurchase(
  app: Dependencies,
  purchase: Purchase,
  refusal: Failure,
  work: WorkContext,
): Promise<void> {
  const { purchaseId, userId } = purchase;
  const reason = reasonName(refusal.reason);
  const cancelled = await app.database.transaction(async tx => {
    if (!(await markCancelled(tx, purchaseId, reason, refusal.metadata))) {
      return false;
    }
    await app.outbox.append(tx, PurchaseCancelledSchema, { purchaseId, userId, reason });
    await dropTask(tx, purchaseTask, purchaseId);
    return true;
  });
  if (cancelled) {
    await tellParticipants(app, purchase, participant => participant.release(purchase, work));
  }
}

/** Notifies every participant of the outcome at once. The event is the guarantee; these calls only save time. */
async function tellParticipants(
  app: Dependencies,
  purchase: Purchase,
  tell: (participant: Participant) => Promise<unknown>,
): Promise<void> {
  const calls = participantsOf(app, purchase).map(async participant => {
    await tell(participant).catch((error: unknown) => {
      const { purchaseId } = purchase;
      app.log.warn(
        { err: error, purchaseId, participant: participant.name },
        "participant not notified, the event will follow",
      );
    });
  });
  await Promise.all(calls);
}

type Dependencies = Pick<
  App,
  "name" | "config" | "database" | "outbox" | "clients" | "log" | "resolverWakeup"
>;
