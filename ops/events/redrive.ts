import { inboxMarginDays } from "#kit/cleanup.ts";
import type { ServiceName } from "../services.ts";
import { type Desk, type Report, UsageError } from "./command.ts";
import { moveDeadLetters, type PlannedQueue, peekDeadLetters, plannedQueues, readDepth } from "./queues.ts";

const sampleLetters = 5;

/**
 * Sends dead letters back to the queues they came from: those of one queue, or of all when `queue` is undefined. Takes at most as many from
 * a queue as lay there at the start, so that a letter that dies again is not sent round and round.
 */
export async function redriveDeadLetters(
  desk: Desk,
  { queue, apply }: { queue: string | undefined; apply: boolean },
): Promise<Report> {
  const { stores, progress, signal } = desk;
  const queues = plannedQueues().filter(planned => queue === undefined || planned.queue === queue);
  if (queues.length === 0) {
    const names = plannedQueues().map(planned => planned.queue);
    throw new UsageError(`no such queue: ${queue}; there are: ${names.join(", ")}`);
  }
  const done: { queue: string; dead: number; moved: number; failures: readonly string[] }[] = [];
  const lines: string[] = [];
  for (const planned of queues) {
    const { waiting: dead } = await readDepth(stores.sqs, planned.deadLetterQueue);
    if (dead === 0 || signal.aborted) {
      continue;
    }
    if (!apply) {
      lines.push(`${planned.queue}: ${dead} dead letters would be moved${await sample(desk, planned)}`);
      done.push({ queue: planned.queue, dead, moved: 0, failures: [] });
      continue;
    }
    const onBatch = (moved: number) => progress(`${planned.queue}: ${moved} of ${dead}`);
    const { moved, failures } = await moveDeadLetters(stores.sqs, planned, { limit: dead, signal, onBatch });
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

async function sample({ stores }: Desk, { deadLetterQueue }: PlannedQueue): Promise<string> {
  const letters = await peekDeadLetters(stores.sqs, deadLetterQueue, sampleLetters);
  return letters.map(({ eventId, type }) => `\n  ${eventId ?? "without event id"} ${type ?? ""}`).join("");
}

const rowsAtOnce = 1000;

/**
 * Makes parked rows of the outboxes pending again, with all their attempts. Rows that are older than the inboxes remember stay parked: if one
 * of their attempts arrived after all, it could not be told any more.
 */
export async function redriveParked(
  { stores, progress, signal }: Desk,
  { apply }: { apply: boolean },
): Promise<Report> {
  const done: { service: ServiceName; parked: number; tooOld: number; moved: number }[] = [];
  const days = stores.outboxKeepDays + inboxMarginDays;
  for (const service of stores.services) {
    const { parked, tooOld } = await countParked(stores, service, days);
    let moved = 0;
    for (let more = apply && parked > 0; more && !signal.aborted; ) {
      const rows = await unpark(stores, service, days);
      moved += rows;
      progress(`${service}: ${moved} of ${parked}`);
      more = rows === rowsAtOnce;
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

async function countParked(
  stores: Desk["stores"],
  service: ServiceName,
  days: number,
): Promise<{ parked: number; tooOld: number }> {
  const [row] = await stores.inSchema(service, database =>
    database.query<{ parked: bigint; tooOld: bigint }>(
      `SELECT COUNT(IF(create_time >= NOW(6) - INTERVAL ? DAY, 1, NULL)) AS parked,
          COUNT(IF(create_time < NOW(6) - INTERVAL ? DAY, 1, NULL)) AS tooOld
        FROM outbox WHERE state = 'PARKED'`,
      [days, days],
    ),
  );
  return { parked: Number(row?.parked ?? 0), tooOld: Number(row?.tooOld ?? 0) };
}

async function unpark(stores: Desk["stores"], service: ServiceName, days: number): Promise<number> {
  const { affectedRows } = await stores.inSchema(service, database =>
    database.execute(
      `UPDATE outbox SET state = 'PENDING', attempts = 0, next_attempt_time = NOW(6)
        WHERE state = 'PARKED' AND create_time >= NOW(6) - INTERVAL ? DAY LIMIT ${rowsAtOnce}`,
      [days],
    ),
  );
  return affectedRows;
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
