import type { EntitlementService } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import { reserve } from "#kit/data/reservation.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { insertEntitlements } from "../db/entitlements.ts";
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
    await database.transaction(tx =>
      reserve(tx, { id: purchaseId, userId, content: contentOf(lines) }, async () => {
        const offers = requireAsQuoted(await findOffers(tx, questionIds, userId), lines, userId);
        if (!(await insertEntitlements(tx, { userId, purchaseId }, offers))) {
          // Another purchase was faster; the offers now show what it holds.
          requireAsQuoted(await findOffers(tx, questionIds, userId), lines, userId);
          throw heldByAnotherPurchase(questionIds[0] ?? 0n);
        }
      }),
    );
    return {};
  };
}

type Dependencies = Pick<App, "database">;
