import type { Stack } from "#dev/stack/stack.ts";
import { events, serviceNames } from "#kit/contract/contracts.ts";
import { publisherOf } from "#kit/contract/event.ts";
import { replay } from "#ops/events/replay.ts";
import { withWorkspace } from "#ops/events/workspace.ts";

/** The services that publish events. */
export const publishers = serviceNames.filter(name => events.some(event => publisherOf(event) === name));

/** Publishes the events of a service again that were published in the last while. Fails if one cannot be. */
export async function replayEvents({ env }: Stack, service: string, lastMs: number): Promise<void> {
  const now = Date.now();
  const range = { from: new Date(now - lastMs), to: new Date(now), type: undefined };
  const quiet = { progress: () => {}, signal: new AbortController().signal };
  const report = await withWorkspace(env, [service], quiet, workspace =>
    replay(workspace, { service, ...range, apply: true }),
  );
  if (report.failed) {
    throw new Error(report.lines.join("\n"));
  }
}
