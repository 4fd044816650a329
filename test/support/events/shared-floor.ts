import { type EventFloor, startEventFloor } from "./floor.ts";

let shared: Promise<EventFloor> | undefined;

/** The floor that the tests of events share; started by the first who asks, stopped at the end of the run. */
export function sharedFloor(): Promise<EventFloor> {
  shared ??= startEventFloor();
  return shared;
}

after("stop the floor of the events", async () => {
  await (await shared)?.stop();
});
