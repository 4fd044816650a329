import type { CreatorChangedSchema } from "#gen/questioncloud/creator/v1/events_pb.ts";
import { requestRecheck } from "#kit/data/tasks.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { storeCreator, withdrawalTask } from "../db/creators.ts";

// Nothing of a creator who is stored as withdrawn is sold; the questions are deleted by a job, there may be many.
export const creatorChanged: EventHandler<typeof CreatorChangedSchema> = async (tx, creator) => {
  await storeCreator(tx, creator);
  if (creator.withdrawn) {
    await requestRecheck(tx, withdrawalTask, creator.creatorId.toString());
  }
};
