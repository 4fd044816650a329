import type { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { allowCaching } from "#kit/rpc/interceptors/restrict-caching.ts";
import type { App } from "../app.ts";
import { findCreator } from "../db/creators.ts";
import { creatorNotFound } from "../failures.ts";
import { toCreator } from "../to-proto.ts";

export function getCreator({ database }: Dependencies): Handler<typeof CreatorService.method.getCreator> {
  return async ({ creatorId }, context) => {
    const creator = await findCreator(database, creatorId);
    if (creator === undefined || creator.withdrawTime !== null) {
      throw creatorNotFound();
    }
    allowCaching(context);
    return { creator: toCreator(creator) };
  };
}

type Dependencies = Pick<App, "database">;
