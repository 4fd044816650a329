import type { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findCreatorOfUser } from "../db/creators.ts";
import { notCreator } from "../failures.ts";
import { toCreator } from "../to-proto.ts";

export function getOwnCreator({
  database,
}: Dependencies): Handler<typeof CreatorService.method.getOwnCreator> {
  return async (_request, context) => {
    const creator = await findCreatorOfUser(database, userIdOf(context));
    if (creator === undefined || creator.withdrawTime !== null) {
      throw notCreator();
    }
    return { creator: toCreator(creator) };
  };
}

type Dependencies = Pick<App, "database">;
