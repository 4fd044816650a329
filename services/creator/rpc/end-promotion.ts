import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { requireCreatorId } from "../own-creator.ts";

export function endPromotion({
  database,
  catalog,
}: Dependencies): Handler<typeof WorkspaceService.method.endPromotion> {
  return async ({ questionId, promotionId }, context) => {
    const creatorId = await requireCreatorId(database, context);
    const { promotion } = await catalog.stopPromotion({ creatorId, questionId, promotionId }, context);
    return promotion === undefined ? {} : { promotion };
  };
}

type Dependencies = Pick<CreatorFloor, "database" | "catalog">;
