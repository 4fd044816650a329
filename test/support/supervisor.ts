import { setTimeout as delay } from "node:timers/promises";
import type { Stack } from "../../dev/stack.ts";
import { until } from "./until.ts";

const pollMs = 20;

/** Starts processes of the mesh again when they end, as an orchestrator would. */
export interface Supervisor {
  /** Kills a process now; it comes back with the next failpoint of its plan. */
  kill(name: string): Promise<void>;
  /** Waits until every plan is used up and everything runs. */
  finished(withinMs: number): Promise<void>;
  /** Leaves every process running without a failpoint. */
  stop(): Promise<void>;
}

/** Supervises the named processes. Each start of one takes the next failpoint of its plan, and none at the end of it. */
export function supervise(stack: Stack, plans: Readonly<Record<string, readonly string[]>>): Supervisor {
  const stopping = new AbortController();
  const left = new Map(Object.entries(plans).map(([name, plan]) => [name, [...plan]]));
  const unarmed = new Set<string>();
  const isDead = (name: string) => stack.processes.get(name)?.pid === undefined;
  const watching = [...left].map(async ([name, plan]) => {
    while (!stopping.signal.aborted) {
      if (isDead(name)) {
        const next = plan.shift();
        // A process may end at its failpoint before it is ready; then its next start is due.
        await stack.restart(name, { FAILPOINT: next ?? "" }).then(
          () => next ?? unarmed.add(name),
          () => {},
        );
      }
      await delay(pollMs);
    }
  });
  return {
    kill: async name => stack.processes.get(name)?.kill("SIGKILL"),
    async finished(withinMs) {
      const done = () => [...left.keys()].every(name => unarmed.has(name) && !isDead(name));
      await until(done, "every process ran without a failpoint again", withinMs);
    },
    async stop() {
      stopping.abort();
      await Promise.all(watching);
      const armed = [...left.keys()].filter(name => isDead(name) || !unarmed.has(name));
      await Promise.all(armed.map(name => stack.restart(name, { FAILPOINT: "" })));
    },
  };
}
