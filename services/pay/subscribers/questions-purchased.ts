import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import type { App } from "../app.ts";

export function questionsPurchased({ history }: Dependencies): EventHandler<typeof QuestionsPurchasedSchema> {
  return (_tx, event) => history.put(event);
}

type Dependencies = Pick<App, "history">;
