import type { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Handler } from "#kit/route.ts";
import type { CreatorFloor } from "../creator-floor.ts";
import { alreadyCreator, duplicateName, notFound } from "../failures.ts";
import { findCreator, insertCreator } from "../store/creators.ts";

export function registerCreator({
  database,
}: Dependencies): Handler<typeof CreatorService.method.registerCreator> {
  return ({ content }, context) =>
    database.transaction(async tx => {
      if (content === undefined) {
        throw new TypeError("the contract requires content");
      }
      const inserted = await insertCreator(tx, userIdOf(context), content);
      if (inserted === "creator already") {
        throw alreadyCreator();
      }
      if (inserted === "name taken") {
        throw duplicateName();
      }
      const creator = await findCreator(tx, inserted);
      if (creator === undefined) {
        throw notFound();
      }
      return { creator };
    });
}

type Dependencies = Pick<CreatorFloor, "database">;
