import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { requireCreatorId } from "../own-creator.ts";

export function updateQuestion({
  database,
  catalog,
}: Dependencies): Handler<typeof WorkspaceService.method.updateQuestion> {
  return async ({ questionId, version, content }, context) => {
    const creatorId = await requireCreatorId(database, context);
    const { question } = await catalog.replaceContent(
      { creatorId, questionId, version, ...(content && { content }) },
      context,
    );
    return question === undefined ? {} : { question };
  };
}

type Dependencies = Pick<CreatorFloor, "database" | "catalog">;
