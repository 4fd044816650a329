import type { QuestionsPurchased } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { App } from "../app.ts";

export function questionsPurchased({
  history,
}: Dependencies): (events: readonly QuestionsPurchased[]) => Promise<void> {
  return events => history.put(events);
}

type Dependencies = Pick<App, "history">;
