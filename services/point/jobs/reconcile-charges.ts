import type { Database } from "#kit/database.ts";
import type { Pursuits } from "../pursuits.ts";
import { claimDueCharges } from "../store/charge-claims.ts";

/**
 * Begins pursuits of the charges that are due, oldest first: unfinished confirmations, orders that ended, and whatever a webhook hinted at.
 * Does not wait for them, so that a gateway that is slow about one holds up no other. Returns true where there may be more.
 */
export function createReconciler({ database, pursuits, parallel }: Dependencies): () => Promise<boolean> {
  let underWay = 0;
  return async () => {
    const free = parallel - underWay;
    if (free <= 0) {
      return false;
    }
    const claim = pursuits.claim();
    const chargeIds = await claimDueCharges(database, claim, free);
    for (const chargeId of chargeIds) {
      underWay += 1;
      void pursuits.begin(chargeId, claim, "find").finally(() => {
        underWay -= 1;
      });
    }
    return chargeIds.length === free;
  };
}

interface Dependencies {
  readonly database: Database;
  readonly pursuits: Pursuits;
  /** How many charges are pursued at once. */
  readonly parallel: number;
}
