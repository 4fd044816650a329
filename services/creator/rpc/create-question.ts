import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { requireCreatorId } from "../own-creator.ts";

export function createQuestion({
  database,
  catalog,
}: Dependencies): Handler<typeof WorkspaceService.method.createQuestion> {
  return async ({ requestId, content }, context) => {
    const creatorId = await requireCreatorId(database, context);
    const { question } = await catalog.createDraft(
      { creatorId, requestId, ...(content && { content }) },
      context,
    );
    return question === undefined ? {} : { question };
  };
}

type Dependencies = Pick<CreatorFloor, "database" | "catalog">;
