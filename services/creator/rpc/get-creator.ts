import type { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { notFound } from "../failures.ts";
import { findCreator } from "../store/creators.ts";

export function getCreator({ database }: Dependencies): Handler<typeof CreatorService.method.getCreator> {
  return async ({ creatorId }, { caller, responseHeaders }) => {
    const creator = await findCreator(database, creatorId);
    if (creator === undefined) {
      throw notFound();
    }
    const control = caller.kind === "anonymous" ? "public, max-age=30" : "private, no-store";
    responseHeaders.set("cache-control", control);
    return { creator };
  };
}

type Dependencies = Pick<CreatorFloor, "database">;
