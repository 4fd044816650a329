import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { requireCreatorId } from "../own-creator.ts";

export function acceptUpload({
  database,
  catalog,
}: Dependencies): Handler<typeof WorkspaceService.method.acceptUpload> {
  return async ({ questionId, uploadId }, context) => {
    const creatorId = await requireCreatorId(database, context);
    const { question } = await catalog.finishUpload({ creatorId, questionId, uploadId }, context);
    return question === undefined ? {} : { question };
  };
}

type Dependencies = Pick<CreatorFloor, "database" | "catalog">;
