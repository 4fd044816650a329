import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { requireCreatorId } from "../own-creator.ts";

export function listOwnQuestions({
  database,
  catalog,
}: Dependencies): Handler<typeof WorkspaceService.method.listOwnQuestions> {
  return async ({ pageSize, pageToken }, context) => {
    const creatorId = await requireCreatorId(database, context);
    const { questions, nextPageToken } = await catalog.listAuthoredQuestions(
      { creatorId, pageSize, pageToken },
      context,
    );
    return { questions, nextPageToken };
  };
}

type Dependencies = Pick<CreatorFloor, "database" | "catalog">;
