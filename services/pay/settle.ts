import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { WorkContext } from "#kit/context.ts";
import { failpoint } from "#kit/failpoint.ts";
import { type Failure, isDecided, reasonName } from "#kit/failure.ts";
import type { App } from "./app.ts";
import { markCancelled, markPaid } from "./store/purchase-states.ts";
import type { StoredPurchase } from "./store/purchases.ts";

/**
 * Carries a pending purchase to its end: everything is held, and then it is PAID; or somebody refuses, and then it is CANCELLED. Throws where
 * the outcome is not known; then the same may be tried again with the same ids, by anybody.
 */
export async function settle(app: Dependencies, purchase: StoredPurchase, work: WorkContext): Promise<void> {
  try {
    await reserveAll(app, purchase, work);
  } catch (error) {
    if (!isDecided(error)) {
      throw error;
    }
    return cancel(app, purchase, error, work);
  }
  await failpoint("purchase.reserved");
  await pay(app, purchase, work);
}

async function reserveAll(
  { neighbours }: Dependencies,
  { purchaseId, quote }: StoredPurchase,
  work: WorkContext,
): Promise<void> {
  const lines = quote.lines.map(line => ({
    questionId: line.questionId,
    version: line.version,
    offerPricePoints: line.originalPoints - line.promotionDiscountPoints,
  }));
  await neighbours.entitlements.reserveEntitlements({ purchaseId, lines }, work);
  const userCouponIds = quote.discounts.map(discount => discount.userCouponId);
  if (userCouponIds.length > 0) {
    await neighbours.coupons.reserveCoupons({ purchaseId, userCouponIds }, work);
  }
  if (quote.amountPoints > 0n) {
    await neighbours.wallet.reservePoints({ purchaseId, amountPoints: quote.amountPoints }, work);
  }
}

async function pay(app: Dependencies, purchase: StoredPurchase, work: WorkContext): Promise<void> {
  const { purchaseId, userId, requestId, quote, createTime } = purchase;
  const paid = await app.database.transaction(async tx => {
    const payTime = await markPaid(tx, purchaseId);
    if (payTime !== undefined) {
      await app.outbox.append(tx, QuestionsPurchasedSchema, {
        purchaseId,
        userId,
        requestId,
        quote,
        createTime: timestampFromDate(createTime),
        payTime: timestampFromDate(payTime),
      });
    }
    return payTime !== undefined;
  });
  await failpoint("purchase.paid");
  if (paid) {
    const { entitlements, coupons, wallet } = app.neighbours;
    await inform(app, purchase, [
      entitlements.confirmEntitlements({ purchaseId }, work),
      ...(quote.discounts.length > 0 ? [coupons.confirmCoupons({ purchaseId }, work)] : []),
      ...(quote.amountPoints > 0n ? [wallet.confirmPoints({ purchaseId }, work)] : []),
    ]);
  }
}

/** Ends a pending purchase without payment, for the reason of `refusal`. */
export async function cancel(
  app: Dependencies,
  purchase: StoredPurchase,
  refusal: Failure,
  work: WorkContext,
): Promise<void> {
  const { purchaseId, userId } = purchase;
  const reason = reasonName(refusal.reason);
  const cancelled = await app.database.transaction(async tx => {
    const changed = await markCancelled(tx, purchaseId, reason, refusal.metadata);
    if (changed) {
      await app.outbox.append(tx, PurchaseCancelledSchema, { purchaseId, userId, reason });
    }
    return changed;
  });
  if (cancelled) {
    const { entitlements, coupons, wallet } = app.neighbours;
    await inform(app, purchase, [
      entitlements.releaseEntitlements({ purchaseId }, work),
      coupons.releaseCoupons({ purchaseId }, work),
      wallet.releasePoints({ purchaseId }, work),
    ]);
  }
}

// The event tells the participants in any case; these calls only tell them sooner.
async function inform(
  { log }: Dependencies,
  { purchaseId }: StoredPurchase,
  calls: readonly Promise<unknown>[],
): Promise<void> {
  for (const result of await Promise.allSettled(calls)) {
    if (result.status === "rejected") {
      log.warn({ err: result.reason, purchaseId }, "a participant will learn of the outcome by event");
    }
  }
}

type Dependencies = Pick<App, "database" | "outbox" | "neighbours" | "log">;
