import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { createWorkContext, type WorkContext } from "#kit/contract/context.ts";
import { type Failure, isDecided, reasonName } from "#kit/contract/failure.ts";
import { postponeTask, type Task, withClaim } from "#kit/data/tasks.ts";
import { backoffMs } from "#kit/process/backoff.ts";
import { failpoint } from "#kit/process/failpoint.ts";
import type { App } from "./app.ts";
import { endPurchase } from "./db/purchases.ts";
import type { Purchase } from "./domain/purchase.ts";
import { timedOut } from "./failures.ts";
import { participantsOf } from "./participants.ts";
import { toPurchasedEvent } from "./to-proto.ts";

/**
 * Works on a pending purchase that the caller has claimed: completes it, or cancels it once it has waited too long.
 * Returns the purchase as this call ended it. Where the outcome stays unknown, the resolver takes over, the first time
 * at once. Never throws.
 */
export async function workOnPurchase(
  app: Dependencies,
  purchase: Purchase,
  { task, requestId, signal }: { task: Task; requestId?: string; signal?: AbortSignal },
): Promise<Purchase | undefined> {
  const { database, log, config, name } = app;
  const { purchaseId, userId } = purchase;
  const { workMs: timeoutMs, pendingLimitMs } = config.purchase;
  const work = createWorkContext({
    service: name,
    userId,
    timeoutMs,
    ...(requestId === undefined ? {} : { requestId }),
  });
  let ended: Purchase | undefined;
  try {
    ended = await withClaim(database, task, claimSignal => {
      const signals = [
        AbortSignal.timeout(timeoutMs),
        claimSignal,
        ...(signal === undefined ? [] : [signal]),
      ];
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
    if (delayMs === 0) {
      app.resolverWakeup.wake();
    }
  }
  // The claim ended with the purchase, so these calls run without it.
  if (ended !== undefined) {
    await notifyParticipants(app, ended, work);
  }
  return ended;
}

/**
 * Completes a pending purchase: PAID once every participant holds its part, CANCELLED if one refuses. Throws where the
 * outcome is unknown; any replica may then repeat it with the same ids.
 */
async function completePurchase(
  app: Dependencies,
  purchase: Purchase,
  work: WorkContext,
): Promise<Purchase | undefined> {
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
  const outcome = { state: "PAID", cancelReason: null, cancelMetadata: null } as const;
  const paid = await app.database.transaction(tx =>
    endPurchase(tx, purchase, outcome, ended =>
      app.outbox.append(tx, QuestionsPurchasedSchema, toPurchasedEvent(ended, ended.finishTime)),
    ),
  );
  await failpoint("purchase.paid");
  return paid;
}

/** Ends a pending purchase without payment, for the reason of `refusal`. */
function cancelPurchase(
  app: Dependencies,
  purchase: Purchase,
  refusal: Failure,
): Promise<Purchase | undefined> {
  const { purchaseId, userId } = purchase;
  const reason = reasonName(refusal.reason);
  const outcome = { state: "CANCELLED", cancelReason: reason, cancelMetadata: refusal.metadata } as const;
  return app.database.transaction(tx =>
    endPurchase(tx, purchase, outcome, () =>
      app.outbox.append(tx, PurchaseCancelledSchema, { purchaseId, userId, reason }),
    ),
  );
}

/**
 * Notifies participants of the outcome where the buyer would see that they have not learned of it. The event is the
 * guarantee; these calls only save time.
 */
async function notifyParticipants(app: Dependencies, purchase: Purchase, work: WorkContext): Promise<void> {
  const calls = participantsOf(app, purchase).map(async participant => {
    const notify = purchase.state === "PAID" ? participant.confirm : participant.release;
    await notify?.(purchase, work).catch((error: unknown) => {
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
