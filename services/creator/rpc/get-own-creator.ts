import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { notCreator } from "../failures.ts";
import { findCreatorOfUser } from "../store/creators.ts";

export function getOwnCreator({
  database,
}: Dependencies): Handler<typeof WorkspaceService.method.getOwnCreator> {
  return async (_request, context) => {
    const creator = await findCreatorOfUser(database, userIdOf(context));
    if (creator === undefined) {
      throw notCreator();
    }
    return { creator };
  };
}

type Dependencies = Pick<CreatorFloor, "database">;
