import type { QuestionsPurchased } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { App } from "../app.ts";

export function questionsPurchased({ history }: Dependencies): (event: QuestionsPurchased) => Promise<void> {
  return event => history.put(event);
}

type Dependencies = Pick<App, "history">;
