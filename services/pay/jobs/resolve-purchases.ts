import { backoffMs, claimDue } from "#kit/claims.ts";
import { createWorkContext } from "#kit/context.ts";
import type { App } from "../app.ts";
import { timedOut } from "../failures.ts";
import { cancel, settle } from "../settle.ts";
import { postponePurchase } from "../store/purchase-states.ts";
import { findPurchase } from "../store/purchases.ts";

const rowsAtOnce = 20;

/** Carries purchases on whose own call did not end them. Returns true where there may be more. */
export function resolvePurchases(app: App): () => Promise<boolean> {
  return async () => {
    const ids = await claimDue<string>(app.database, {
      table: "purchase",
      key: "purchase_id",
      due: "state = 'PENDING'",
      owner: app.instance,
      limit: rowsAtOnce,
      claimMs: app.payConfig.PAY_RESOLVE_CLAIM_MS,
    });
    await Promise.all(ids.map(id => resolve(app, id)));
    return ids.length === rowsAtOnce;
  };
}

async function resolve(app: App, purchaseId: string): Promise<void> {
  const { PAY_PENDING_LIMIT_MS, PAY_WORK_MS, PAY_RESOLVE_BASE_MS, PAY_RESOLVE_MAX_MS } = app.payConfig;
  const purchase = await findPurchase(app.database, purchaseId);
  if (purchase === undefined || purchase.state !== "PENDING") {
    return;
  }
  const work = createWorkContext({ service: app.name, userId: purchase.userId, timeoutMs: PAY_WORK_MS });
  try {
    if (purchase.ageMs > PAY_PENDING_LIMIT_MS) {
      await cancel(app, purchase, timedOut(), work);
    } else {
      await settle(app, purchase, work);
    }
  } catch (error) {
    app.log.warn(
      { err: error, purchaseId, attempts: purchase.attempts },
      "the outcome of a purchase is still unknown",
    );
    await postponePurchase(
      app.database,
      purchaseId,
      backoffMs(purchase.attempts, { baseMs: PAY_RESOLVE_BASE_MS, maxMs: PAY_RESOLVE_MAX_MS }),
    );
  }
}
