import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { requireCreatorId } from "../own-creator.ts";

export function publishQuestion({
  database,
  catalog,
}: Dependencies): Handler<typeof WorkspaceService.method.publishQuestion> {
  return async ({ questionId }, context) => {
    const creatorId = await requireCreatorId(database, context);
    const { question } = await catalog.publishDraft({ creatorId, questionId }, context);
    return question === undefined ? {} : { question };
  };
}

type Dependencies = Pick<CreatorFloor, "database" | "catalog">;
