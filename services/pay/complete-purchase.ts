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
import { participantsOf } from "./participants.ts";
import { toPurchasedEvent } from "./to-proto.ts";

/**
 * Works on a pending purchase that the caller has claimed: completes it, or cancels it once it has waited too long.
 * Where the outcome stays unknown, the resolver takes over, the first time at once. Never throws.
 */
export async function workOnPurchase(
  app: Dependencies,
  purchase: Purchase,
  { task, requestId, signal }: { task: Task; requestId?: string; signal?: AbortSignal },
): Promise<void> {
  const { database, log, config, name } = app;
  const { purchaseId, userId } = purchase;
  const { workMs: timeoutMs, pendingLimitMs } = config.purchase;
  const work = createWorkContext({
    service: name,
    userId,
    timeoutMs,
    ...(requestId === undefined ? {} : { requestId }),
  });
  let ending: Ending | undefined;
  try {
    ending = await withClaim(database, task, claimSignal => {
      const signals = [work.signal, claimSignal, ...(signal === undefined ? [] : [signal])];
      return purchase.ageMs > pendingLimitMs
        ? cancelPurchase(app, purchase, timedOut())
        : completePurchase(app, purchase, { ...work, signal: AbortSignal.any(signals) });
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
  // The claim ended with the purchase, so these calls run without it.
  if (ending !== undefined) {
    await notifyParticipants(app, purchase, ending, work);
  }
}

/** The notification to the participants of a purchase that this call has ended. */
type Ending = "confirm" | "release";

/**
 * Completes a pending purchase: PAID once every participant holds its part, CANCELLED if one refuses. Throws where the
 * outcome is unknown; any replica may then repeat it with the same ids.
 */
async function completePurchase(
  app: Dependencies,
  purchase: Purchase,
  work: WorkContext,
): Promise<Ending | undefined> {
  try {
    for (const participant of participantsOf(app, purchase)) {
      await participant.reserve(purchase, work);
    }
  } catch (error) {
    if (!isDecided(error)) {
      throw error;
    }
    return cancelPurchase(app, purchase, error);
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
  return paid ? "confirm" : undefined;
}

/** Ends a pending purchase without payment, for the reason of `refusal`. */
async function cancelPurchase(
  app: Dependencies,
  purchase: Purchase,
  refusal: Failure,
): Promise<Ending | undefined> {
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
  return cancelled ? "release" : undefined;
}

/** Notifies every participant of the outcome at once. The event is the guarantee; these calls only save time. */
async function notifyParticipants(
  app: Dependencies,
  purchase: Purchase,
  ending: Ending,
  work: WorkContext,
): Promise<void> {
  const calls = participantsOf(app, purchase).map(async participant => {
    await participant[ending](purchase, work).catch((error: unknown) => {
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
