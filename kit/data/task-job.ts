import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Database } from "#kit/data/database.ts";
import { claimTasks, type Task } from "#kit/data/tasks.ts";
import type { Logger } from "#kit/process/log.ts";
import { createWakeup, type Job, type Wakeup } from "#kit/process/loop.ts";

interface TaskJobOptions {
  readonly name: string;
  /** The kind of the tasks. */
  readonly kind: string;
  /** Tasks that this replica works on at the same time. */
  readonly parallel: number;
  readonly pollMs: number;
  readonly claimMs: number;
  readonly wakeup?: Wakeup;
}

/**
 * A job that works on tasks that are due, oldest first. It claims the next one as soon as one ends, so that a slow task
 * delays no other. `work` ends its task; the signal aborts when the job is stopped. Any number of replicas may run it.
 */
export function taskJob(
  { database, instance, log }: Dependencies,
  { name, kind, parallel, pollMs, claimMs, wakeup }: TaskJobOptions,
  work: (task: Task, signal: AbortSignal) => Promise<void>,
): Job {
  const running = new Set<Promise<void>>();
  const ownWakeup = createWakeup();
  let isDueExpected = false;
  wakeup?.onWake(() => {
    isDueExpected = true;
    ownWakeup.wake();
  });
  // Whether there may be more to do when a task ends: others are due, or a recheck of it was requested. Where no one
  // wakes the job, that is never known.
  let looksAgain = false;
  const start = (task: Task, signal: AbortSignal) => {
    const one = work(task, signal)
      .catch((error: unknown) => {
        if (!(error instanceof Failure && error.reason === Reason.SERVICE_UNAVAILABLE)) {
          log.error({ err: error, job: name, task: task.id }, "task failed, its claim will expire");
        }
      })
      .finally(() => {
        running.delete(one);
        if (looksAgain || wakeup === undefined) {
          looksAgain = false;
          ownWakeup.wake();
        }
      });
    running.add(one);
  };
  return {
    name,
    intervalMs: pollMs,
    wakeup: ownWakeup,
    async run(signal) {
      const free = parallel - running.size;
      looksAgain ||= running.size > 0;
      if (free > 0) {
        const options = { instance, claimMs, isDueExpected };
        isDueExpected = false;
        const tasks = await claimTasks(database, kind, free, options);
        looksAgain ||= tasks.length === free;
        for (const task of tasks) {
          start(task, signal);
        }
      }
      return false;
    },
    finish: () => Promise.all(running),
  };
}

interface Dependencies {
  readonly database: Database;
  /** The replica that claims. */
  readonly instance: string;
  readonly log: Logger;
}
