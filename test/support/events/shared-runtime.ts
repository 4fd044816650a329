import { type EventRuntime, startEventRuntime } from "./runtime.ts";

let shared: Promise<EventRuntime> | undefined;

/** The runtime that all tests of events share, started on first use and stopped at the end of the run. */
export function sharedRuntime(): Promise<EventRuntime> {
  shared ??= startEventRuntime();
  return shared;
}

after("stop the event runtime", async () => {
  await (await shared)?.stop();
});
