import type { WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { duplicateName, notCreator } from "../failures.ts";
import { requireCreatorId } from "../own-creator.ts";
import { findCreator, updateCreator } from "../store/creators.ts";

export function updateOwnCreator({
  database,
}: Dependencies): Handler<typeof WorkspaceService.method.updateOwnCreator> {
  return ({ content }, context) =>
    database.transaction(async tx => {
      if (content === undefined) {
        throw new TypeError("the contract requires content");
      }
      const creatorId = await requireCreatorId(tx, context);
      if (!(await updateCreator(tx, creatorId, content))) {
        throw duplicateName();
      }
      const creator = await findCreator(tx, creatorId);
      if (creator === undefined) {
        throw notCreator();
      }
      return { creator };
    });
}

type Dependencies = Pick<CreatorFloor, "database">;
