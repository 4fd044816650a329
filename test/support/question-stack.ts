import type { Stack } from "../../dev/stack.ts";
import { startTestStack } from "./stack.ts";

let started: Promise<Stack> | undefined;

/**
 * The services user, creator and question, for the suites that play the pay service: what is bought there is never paid, so the books of a
 * whole mesh would be wrong. Started by the first suite that asks, stopped after the last.
 */
export function questionStack(): Promise<Stack> {
  started ??= startTestStack({ services: ["user", "creator", "question"] });
  return started;
}

after(async function () {
  this.timeout(60_000);
  await (await started)?.stop();
});
