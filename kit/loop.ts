import type { Logger } from "#kit/log.ts";
import type { Metrics } from "#kit/metrics.ts";

/** Background work that runs by the clock, and at once when woken. */
export interface Loop {
  wake(): void;
  /** Lets a run under way finish, and starts no other. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  readonly name: string;
  /** Milliseconds between the end of a run that found nothing and the next. */
  readonly intervalMs: number;
  /** Returns true where there is more to do at once. */
  readonly run: (signal: AbortSignal) => Promise<boolean>;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Starts a loop. A run that throws is logged and counted, and the loop goes on. */
export function startLoop({ name, intervalMs, run, log, metrics }: LoopOptions): Loop {
  const controller = new AbortController();
  let woken = false;
  let wakeSleeper = () => {};
  const sleep = () =>
    new Promise<void>(resolve => {
      const timer = setTimeout(resolve, intervalMs * (0.9 + Math.random() * 0.2));
      wakeSleeper = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const running = (async () => {
    while (!controller.signal.aborted) {
      woken = false;
      const more = await run(controller.signal).then(
        result => {
          metrics.jobRuns.inc({ job: name, result: "done" });
          return result;
        },
        (error: unknown) => {
          metrics.jobRuns.inc({ job: name, result: "failed" });
          log.error({ err: error, job: name }, "job failed");
          return false;
        },
      );
      if (!more && !woken && !controller.signal.aborted) {
        await sleep();
      }
    }
  })();
  return {
    wake() {
      woken = true;
      wakeSleeper();
    },
    async stop() {
      controller.abort();
      wakeSleeper();
      await running;
    },
  };
}
