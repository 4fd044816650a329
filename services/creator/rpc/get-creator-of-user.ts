import type { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findCreatorOfUser } from "../db/creators.ts";
import { notCreator } from "../failures.ts";
import { toSummary } from "../to-proto.ts";

export function getCreatorOfUser({
  database,
}: Dependencies): Handler<typeof CreatorDirectoryService.method.getCreatorOfUser> {
  return async ({ userId }) => {
    const creator = await findCreatorOfUser(database, userId);
    if (creator === undefined || creator.withdrawTime !== null) {
      throw notCreator();
    }
    return { creator: toSummary(creator) };
  };
}

type Dependencies = Pick<App, "database">;
