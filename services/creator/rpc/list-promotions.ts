import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { requireCreatorId } from "../own-creator.ts";

export function listPromotions({
  database,
  catalog,
}: Dependencies): Handler<typeof WorkspaceService.method.listPromotions> {
  return async ({ questionId }, context) => {
    const creatorId = await requireCreatorId(database, context);
    const { promotions } = await catalog.listAuthoredPromotions({ creatorId, questionId }, context);
    return { promotions };
  };
}

type Dependencies = Pick<CreatorFloor, "database" | "catalog">;
