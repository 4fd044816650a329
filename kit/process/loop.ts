import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Logger } from "#kit/process/log.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import { createOutageLog } from "#kit/process/outage-log.ts";

/** Wakes a job early, called wherever work for it is created. */
export interface Wakeup {
  wake(): void;
  /** Calls `listener` on each wake; the job that is woken registers itself. */
  onWake(listener: () => void): void;
}

/** Creates a wakeup. Waking before the job listens does nothing, because a job looks for work when it starts. */
export function createWakeup(): Wakeup {
  let wakeListener = () => {};
  return {
    wake: () => wakeListener(),
    onWake(listener) {
      wakeListener = listener;
    },
  };
}

/** Background work that runs periodically. */
export interface Job {
  readonly name: string;
  /** Milliseconds between the end of a run that found nothing and the next run. */
  readonly intervalMs: number;
  /** Looks for work once; returns true where there is more to do at once. Obeys the signal between and inside steps. */
  readonly run: (signal: AbortSignal) => Promise<boolean>;
  readonly wakeup: Wakeup | undefined;
  /** Waits for work that runs started and did not wait for. */
  readonly finish?: () => Promise<unknown>;
}

/** Declares a job; a `wakeup` runs it at once. */
export function job(name: string, intervalMs: number, run: Job["run"], wakeup?: Wakeup): Job {
  return { name, intervalMs, run, wakeup };
}

/** A job that is running. */
interface RunningJob {
  /** Lets a run in flight finish, and starts no further one. */
  stop(): Promise<void>;
}

/** Starts a job. A run that throws is counted and logged, and the job continues; an outage is logged once. */
export function startJob(
  { name, intervalMs, run, wakeup, finish }: Job,
  { log, metrics }: { log: Logger; metrics: Metrics },
): RunningJob {
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
  wakeup?.onWake(() => {
    woken = true;
    wakeSleeper();
  });
  const outage = createOutageLog(log, `job ${name}`);
  const running = (async () => {
    while (!controller.signal.aborted) {
      woken = false;
      const more = await run(controller.signal).then(
        result => {
          metrics.jobRuns.inc({ job: name, result: "done" });
          outage.recovered();
          return result;
        },
        (error: unknown) => {
          metrics.jobRuns.inc({ job: name, result: "failed" });
          if (error instanceof Failure && error.reason === Reason.SERVICE_UNAVAILABLE) {
            outage.failed(error);
          } else {
            log.error({ err: error, job: name }, "job failed");
          }
          return false;
        },
      );
      if (!more && !woken && !controller.signal.aborted) {
        await sleep();
      }
    }
  })();
  return {
    async stop() {
      controller.abort();
      wakeSleeper();
      await running;
      await finish?.();
    },
  };
}
