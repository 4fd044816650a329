import type { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { CreatorChangedSchema } from "#gen/questioncloud/creator/v1/events_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findCreator, lockCreatorOfUser, updateProfile } from "../db/creators.ts";
import { duplicateName, notCreator } from "../failures.ts";
import { fromContent, toCreator, toSummary } from "../to-proto.ts";

export function updateOwnCreator({
  database,
  outbox,
}: Dependencies): Handler<typeof CreatorService.method.updateOwnCreator> {
  return ({ content }, context) =>
    database.transaction(async tx => {
      const before = await lockCreatorOfUser(tx, userIdOf(context));
      if (before === undefined || before.withdrawTime !== null) {
        throw notCreator();
      }
      if (!(await updateProfile(tx, before.creatorId, fromContent(content)))) {
        throw duplicateName();
      }
      const creator = await findCreator(tx, before.creatorId);
      if (creator === undefined) {
        throw notCreator();
      }
      if (creator.name !== before.name || creator.profileImageUrl !== before.profileImageUrl) {
        await outbox.append(tx, CreatorChangedSchema, toSummary(creator));
      }
      return { creator: toCreator(creator) };
    });
}

type Dependencies = Pick<App, "database" | "outbox">;
