import { CreatorChangedSchema } from "#gen/questioncloud/creator/v1/events_pb.ts";
import type { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import type { App } from "../app.ts";
import { findCreator, lockCreatorOfUser, withdrawCreator } from "../db/creators.ts";
import { toSummary } from "../to-proto.ts";

export function userWithdrawn({ outbox }: Dependencies): EventHandler<typeof UserWithdrawnSchema> {
  return async (tx, { userId }) => {
    const before = await lockCreatorOfUser(tx, userId);
    if (before === undefined || before.withdrawTime !== null) {
      return;
    }
    await withdrawCreator(tx, before.creatorId);
    const creator = await findCreator(tx, before.creatorId);
    if (creator !== undefined) {
      await outbox.append(tx, CreatorChangedSchema, toSummary(creator));
    }
  };
}

type Dependencies = Pick<App, "outbox">;
