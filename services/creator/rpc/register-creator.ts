import type { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { CreatorChangedSchema } from "#gen/questioncloud/creator/v1/events_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import { requireActiveUser } from "#kit/rpc/active-user.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findCreator, insertCreator } from "../db/creators.ts";
import { alreadyCreator, creatorNotFound, duplicateName } from "../failures.ts";
import { fromContent, toCreator, toSummary } from "../to-proto.ts";

export function registerCreator({
  database,
  outbox,
  users,
}: Dependencies): Handler<typeof CreatorService.method.registerCreator> {
  return async ({ content }, context) => {
    await requireActiveUser(users, context);
    return database.transaction(async tx => {
      const inserted = await insertCreator(tx, userIdOf(context), fromContent(content));
      if (inserted === "already registered") {
        throw alreadyCreator();
      }
      if (inserted === "name taken") {
        throw duplicateName();
      }
      const creator = await findCreator(tx, inserted);
      if (creator === undefined) {
        throw creatorNotFound();
      }
      await outbox.append(tx, CreatorChangedSchema, toSummary(creator));
      return { creator: toCreator(creator) };
    });
  };
}

type Dependencies = Pick<App, "database" | "outbox" | "users">;
