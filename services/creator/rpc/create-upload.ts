import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { requireCreatorId } from "../own-creator.ts";

export function createUpload({
  database,
  catalog,
}: Dependencies): Handler<typeof WorkspaceService.method.createUpload> {
  return async ({ questionId, file }, context) => {
    const creatorId = await requireCreatorId(database, context);
    const { upload } = await catalog.startUpload({ creatorId, questionId, ...(file && { file }) }, context);
    return upload === undefined ? {} : { upload };
  };
}

type Dependencies = Pick<CreatorFloor, "database" | "catalog">;
