import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { requireCreatorId } from "../own-creator.ts";

export function createPromotion({
  database,
  catalog,
}: Dependencies): Handler<typeof WorkspaceService.method.createPromotion> {
  return async ({ questionId, content }, context) => {
    const creatorId = await requireCreatorId(database, context);
    const { promotion } = await catalog.addPromotion(
      { creatorId, questionId, ...(content && { content }) },
      context,
    );
    return promotion === undefined ? {} : { promotion };
  };
}

type Dependencies = Pick<CreatorFloor, "database" | "catalog">;
