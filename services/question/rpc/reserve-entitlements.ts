import type { EntitlementLine, EntitlementService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import { userIdOf } from "#kit/context.ts";
import { reserveOnce } from "#kit/reservation.ts";
import type { Handler } from "#kit/route.ts";
import { heldByAnotherPurchase } from "../failures.ts";
import { requireAsQuoted } from "../offer.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { insertEntitlements } from "../store/entitlements.ts";
import { findOffers } from "../store/offers.ts";

export function reserveEntitlements({
  database,
}: Dependencies): Handler<typeof EntitlementService.method.reserveEntitlements> {
  return async ({ purchaseId, lines }, context) => {
    const userId = userIdOf(context);
    const questionIds = lines.map(line => line.questionId);
    await database.transaction(tx =>
      reserveOnce(tx, { id: purchaseId, userId, content: contentOf(lines) }, async () => {
        requireAsQuoted(await findOffers(tx, questionIds, userId), lines, userId);
        if (!(await insertEntitlements(tx, { userId, purchaseId }, lines))) {
          // Another purchase came in between; the offers now say what it has.
          requireAsQuoted(await findOffers(tx, questionIds, userId), lines, userId);
          throw heldByAnotherPurchase(questionIds[0] ?? 0n);
        }
      }),
    );
    return {};
  };
}

function contentOf(lines: readonly EntitlementLine[]): string {
  return lines.map(line => `${line.questionId}:${line.version}:${line.offerPricePoints}`).join(",");
}

type Dependencies = Pick<QuestionFloor, "database">;
