import type { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findCreators } from "../db/creators.ts";
import { toListedCreator } from "../to-proto.ts";

export function getCreators({
  database,
}: Dependencies): Handler<typeof CreatorDirectoryService.method.getCreators> {
  return async ({ creatorIds }) => ({
    creators: (await findCreators(database, creatorIds)).map(toListedCreator),
  });
}

type Dependencies = Pick<App, "database">;
