import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { requireCreatorId } from "../own-creator.ts";

export function deleteQuestion({
  database,
  catalog,
}: Dependencies): Handler<typeof WorkspaceService.method.deleteQuestion> {
  return async ({ questionId }, context) => {
    const creatorId = await requireCreatorId(database, context);
    await catalog.deleteAuthoredQuestion({ creatorId, questionId }, context);
    return {};
  };
}

type Dependencies = Pick<CreatorFloor, "database" | "catalog">;
