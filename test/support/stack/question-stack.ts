import type { Stack } from "#dev/stack/stack.ts";
import { startTestStack } from "./stack.ts";

let started: Promise<Stack> | undefined;

/**
 * The services user, creator, question and review, for suites that act as the pay service: entitlements that they
 * reserve belong to no purchase, which would violate invariants of a whole stack. Started on first use and stopped at
 * the end.
 */
export function questionStack(): Promise<Stack> {
  started ??= startTestStack({ services: ["user", "creator", "question", "review"] });
  return started;
}

after(async () => {
  await (await started)?.stop();
});
