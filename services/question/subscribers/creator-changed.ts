import type { CreatorChangedSchema } from "#gen/questioncloud/creator/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { storeCreator } from "../db/creators.ts";

export const creatorChanged: EventHandler<typeof CreatorChangedSchema> = (tx, creator) =>
  storeCreator(tx, creator);
