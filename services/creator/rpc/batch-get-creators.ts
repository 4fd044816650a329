import type { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/mesh_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { findSummaries } from "../store/creators.ts";

export function batchGetCreators({
  database,
}: Dependencies): Handler<typeof CreatorDirectoryService.method.batchGetCreators> {
  return async ({ creatorIds }) => ({ creators: await findSummaries(database, creatorIds) });
}

type Dependencies = Pick<CreatorFloor, "database">;
