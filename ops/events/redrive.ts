import { countParked, unparkEvents } from "#kit/events/event-records.ts";
import { inboxMarginDays } from "#kit/events/remove-old-events.ts";
import { UsageError } from "../command-line.ts";
import type { Report } from "./command.ts";
import { moveDeadLetters, type PlannedQueue, peekDeadLetters, plannedQueues, readDepth } from "./queues.ts";
import type { Workspace } from "./workspace.ts";

const sampleLetters = 5;

/**
 * Sends dead letters back to the queues they came from: those of one queue, or of all when `queue` is undefined.
 * Takes at most as many from a queue as it held at the start, so that a message that fails again is not moved
 * in an endless loop.
 */
export async function redriveDeadLetters(
  { sqs, progress, signal }: Pick<Workspace, "sqs" | "progress" | "signal">,
  { queue, apply }: { queue: string | undefined; apply: boolean },
): Promise<Report> {
  const queues = plannedQueues().filter(planned => queue === undefined || planned.queue === queue);
  if (queues.length === 0) {
    const names = plannedQueues().map(planned => planned.queue);
    throw new UsageError(`no such queue: ${queue}; there are: ${names.join(", ")}`);
  }
  const done: { queue: string; dead: number; moved: number; failures: readonly string[] }[] = [];
  const lines: string[] = [];
  for (const planned of queues) {
    const { waiting: dead } = await readDepth(sqs, planned.deadLetterQueue);
    if (dead === 0 || signal.aborted) {
      continue;
    }
    if (!apply) {
      lines.push(`${planned.queue}: ${dead} dead letters would be moved${await sample({ sqs }, planned)}`);
      done.push({ queue: planned.queue, dead, moved: 0, failures: [] });
      continue;
    }
    const onBatch = (moved: number) => progress(`${planned.queue}: ${moved} of ${dead}`);
    const { moved, failures } = await moveDeadLetters(sqs, planned, { limit: dead, signal, onBatch });
    lines.push(`${planned.queue}: ${moved} of ${dead} dead letters moved`);
    lines.push(...failures.map(failure => `  not moved: ${failure}`));
    done.push({ queue: planned.queue, dead, moved, failures });
  }
  return {
    lines: conclude(lines, { nothing: "no dead letters", apply, signal }),
    json: { apply, interrupted: signal.aborted, queues: done },
    failed: signal.aborted || done.some(({ failures }) => failures.length > 0),
  };
}

async function sample({ sqs }: Pick<Workspace, "sqs">, { deadLetterQueue }: PlannedQueue): Promise<string> {
  const letters = await peekDeadLetters(sqs, deadLetterQueue, sampleLetters);
  return letters.map(({ eventId, type }) => `\n  ${eventId ?? "without event id"} ${type ?? ""}`).join("");
}

const eventsAtOnce = 1000;

/**
 * Makes parked events of the outboxes pending again, with all their attempts. Events that are older than the inboxes
 * remember stay parked: if one of their attempts was delivered after all, no inbox would recognize it.
 */
export async function redriveParked(
  { databases, outboxKeepDays, progress, signal }: Omit<Workspace, "sns" | "sqs">,
  { apply }: { apply: boolean },
): Promise<Report> {
  const done: { service: string; parked: number; tooOld: number; moved: number }[] = [];
  const days = outboxKeepDays + inboxMarginDays;
  for (const service of databases.services) {
    const { parked, tooOld } = await databases.use(service, database => countParked(database, days));
    let moved = 0;
    for (let more = apply && parked > 0; more && !signal.aborted; ) {
      const count = await databases.use(service, database =>
        unparkEvents(database, { days, limit: eventsAtOnce }),
      );
      moved += count;
      progress(`${service}: ${moved} of ${parked}`);
      more = count === eventsAtOnce;
    }
    if (parked + tooOld > 0) {
      done.push({ service, parked, tooOld, moved });
    }
  }
  const lines = done.flatMap(({ service, parked, tooOld, moved }) => [
    apply
      ? `${service}: ${moved} of ${parked} parked events made pending`
      : `${service}: ${parked} parked events would be made pending`,
    ...(tooOld === 0
      ? []
      : [`  ${tooOld} stay parked: appended more than ${days} days ago, longer than inboxes remember`]),
  ]);
  return {
    lines: conclude(lines, { nothing: "no parked events", apply, signal }),
    json: { apply, interrupted: signal.aborted, outboxes: done },
    failed: signal.aborted,
  };
}

function conclude(
  lines: readonly string[],
  { nothing, apply, signal }: { nothing: string; apply: boolean; signal: AbortSignal },
): string[] {
  if (lines.length === 0) {
    return [nothing];
  }
  const last = signal.aborted ? ["interrupted; run it again for the rest"] : [];
  return [...lines, ...(apply ? last : ["nothing was changed; --apply does it"])];
}
