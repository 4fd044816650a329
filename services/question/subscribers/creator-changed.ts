import type { CreatorChangedSchema } from "#gen/questioncloud/creator/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { storeCreator } from "../db/creators.ts";
import { deleteAllOf } from "../db/question-states.ts";

export const creatorChanged: EventHandler<typeof CreatorChangedSchema> = async (tx, creator) => {
  await storeCreator(tx, creator);
  if (creator.withdrawn) {
    await deleteAllOf(tx, creator.creatorId);
  }
};
