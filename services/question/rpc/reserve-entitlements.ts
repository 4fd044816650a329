import type { EntitlementService } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Queryable } from "#kit/data/database.ts";
import { reserve } from "#kit/data/reservation.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { insertEntitlements, isTaken } from "../db/entitlements.ts";
import { findOffers } from "../db/offers.ts";
import { requireAsQuoted } from "../domain/offer.ts";
import { contentOf } from "../entitlement-reservations.ts";
import { heldByAnotherPurchase } from "../failures.ts";

export function reserveEntitlements({
  database,
}: Dependencies): Handler<typeof EntitlementService.method.reserveEntitlements> {
  return async ({ purchaseId, lines }, context) => {
    const userId = userIdOf(context);
    const questionIds = lines.map(line => line.questionId);
    const requireOffers = async (from: Queryable) =>
      requireAsQuoted(await findOffers(from, questionIds, userId), lines, userId);
    try {
      await database.transaction(tx =>
        reserve(tx, { id: purchaseId, userId, content: contentOf(lines) }, async () => {
          await insertEntitlements(tx.deferred, { userId, purchaseId }, await requireOffers(tx));
        }),
      );
    } catch (error) {
      if (!isTaken(error)) {
        throw error;
      }
      // Another purchase was faster; the offers now show what it holds.
      await requireOffers(database);
      throw heldByAnotherPurchase(questionIds[0] ?? 0n);
    }
    return {};
  };
}

type Dependencies = Pick<App, "database">;
