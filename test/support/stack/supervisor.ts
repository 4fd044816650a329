import { setTimeout as delay } from "node:timers/promises";
import type { Stack } from "#dev/stack/stack.ts";
import { until } from "./until.ts";

const pollMs = 20;

/** Restarts processes of services when they exit, as an orchestrator does. */
interface Supervisor {
  /** Kills a process now; it restarts with the next failpoint of its plan. */
  kill(name: string): Promise<void>;
  /** True when all plans are used up and all processes run. */
  isFinished(): boolean;
  /** Resolves when that is so. */
  finished(): Promise<void>;
  /** Restarts processes that have a failpoint without one, and stops supervising. */
  stop(): Promise<void>;
}

/** Supervises processes by name. Each restart uses the next failpoint of the plan, and none at its end. */
export function supervise(stack: Stack, failpoints: Readonly<Record<string, readonly string[]>>): Supervisor {
  const stopping = new AbortController();
  const plans = new Map(Object.entries(failpoints).map(([name, plan]) => [name, [...plan]]));
  const unarmed = new Set<string>();
  const isDead = (name: string) => stack.processes.get(name)?.pid === undefined;
  const isFinished = () => [...plans.keys()].every(name => unarmed.has(name) && !isDead(name));
  const running = [...plans].map(async ([name, plan]) => {
    while (!stopping.signal.aborted) {
      if (isDead(name)) {
        const next = plan.shift();
        // A process that exits at its failpoint before it is ready is restarted as well.
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
    isFinished,
    async finished() {
      const left = () => [...plans.values()].flat().length;
      await until(isFinished, "all processes run without a failpoint", { progress: left });
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
      const armed = [...plans.keys()].filter(name => isDead(name) || !unarmed.has(name));
      await Promise.all(armed.map(name => stack.restart(name, { FAILPOINT: "" })));
    },
  };
}
