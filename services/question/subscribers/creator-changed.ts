import type { CreatorChangedSchema } from "#gen/questioncloud/creator/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import type { App } from "../app.ts";
import { storeCreator } from "../db/creators.ts";
import { deleteAllOf } from "../db/question-states.ts";
import { publishChange } from "../publish-change.ts";

export function creatorChanged(app: Dependencies): EventHandler<typeof CreatorChangedSchema> {
  return async (tx, creator) => {
    await storeCreator(tx, creator);
    if (creator.withdrawn) {
      for (const questionId of await deleteAllOf(tx, creator.creatorId)) {
        await publishChange(app, tx, questionId);
      }
    }
  };
}

type Dependencies = Pick<App, "outbox" | "search">;
