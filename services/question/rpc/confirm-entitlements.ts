import type { EntitlementService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import { confirmOnce } from "#kit/reservation.ts";
import type { Handler } from "#kit/route.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { ownEntitlements } from "../store/entitlements.ts";

export function confirmEntitlements({
  database,
}: Dependencies): Handler<typeof EntitlementService.method.confirmEntitlements> {
  return async ({ purchaseId }) => {
    await database.transaction(tx => confirmOnce(tx, purchaseId, () => ownEntitlements(tx, purchaseId)));
    return {};
  };
}

type Dependencies = Pick<QuestionFloor, "database">;
