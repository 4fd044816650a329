import type { EntitlementService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import { userIdOf } from "#kit/context.ts";
import { releaseOnce } from "#kit/reservation.ts";
import type { Handler } from "#kit/route.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { dropEntitlements } from "../store/entitlements.ts";

export function releaseEntitlements({
  database,
}: Dependencies): Handler<typeof EntitlementService.method.releaseEntitlements> {
  return async ({ purchaseId }, context) => {
    const userId = userIdOf(context);
    await database.transaction(tx =>
      releaseOnce(tx, { id: purchaseId, userId }, () => dropEntitlements(tx, purchaseId)),
    );
    return {};
  };
}

type Dependencies = Pick<QuestionFloor, "database">;
