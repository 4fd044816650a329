import type { SNSClient } from "@aws-sdk/client-sns";
import type { Database, Tx } from "#kit/data/database.ts";
import { type OutboxEvent, type PublishFailure, publishEvents } from "#kit/events/publish.ts";
import { backoffMs } from "#kit/process/backoff.ts";
import { failpoint } from "#kit/process/failpoint.ts";
import type { Logger } from "#kit/process/log.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import { createOutageLog } from "#kit/process/outage-log.ts";

export interface RelayOptions {
  readonly database: Database;
  readonly sns: SNSClient;
  readonly topicArnPrefix: string;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Milliseconds before the second attempt; doubles with each further one, to at most 256 times as long. */
  readonly retryMs: number;
  /** Refusals after which an event is parked. */
  readonly maxAttempts: number;
}

interface Row extends OutboxEvent {
  outboxId: bigint;
  attempts: number;
}

const claimRows = 500;
/** Claims at the same time: SNS is never waited for without work for the database, and the other way round. */
const claimsMax = 3;
// After this no further call starts, so that a slow SNS holds the claimed rows for seconds and not for all batches.
const publishWithinMs = 3000;

/**
 * Publishes what is due in the outbox, oldest first, until the signal aborts. Returns true where there may be more. Any
 * number of replicas may run it. A call that fails pauses the relay and counts for no event, so an outage of any length
 * parks nothing.
 */
export function createRelay(options: RelayOptions): (signal?: AbortSignal) => Promise<boolean> {
  const outage = createOutageLog(options.log, "sns");
  const pause = { baseMs: options.retryMs, maxMs: options.retryMs * 30 };
  let failedRuns = 0;
  let pausedUntilMs = 0;
  return async signal => {
    if (performance.now() < pausedUntilMs) {
      return false;
    }
    const runs = await publishDue(options, signal);
    const failure = runs.find(run => run.failure !== undefined)?.failure;
    if (failure === undefined) {
      outage.recovered();
      failedRuns = 0;
      return runs.some(({ more }) => more);
    }
    outage.failed(failure.error);
    failedRuns += 1;
    pausedUntilMs = performance.now() + backoffMs(failedRuns, pause);
    return false;
  };
}

interface Run {
  readonly more: boolean;
  readonly failure: PublishFailure | undefined;
}

/** Publishes what is due; while some rows are published, the next are claimed. */
async function publishDue(options: RelayOptions, signal: AbortSignal | undefined): Promise<Run[]> {
  const claims: Promise<PromiseSettledResult<Run>[]>[] = [];
  const start = () => {
    if (claims.length < claimsMax) {
      claims.push(Promise.allSettled([publishClaim(options, signal, start)]));
    }
  };
  start();
  const runs: Run[] = [];
  // A claim may start another one until it ends, which is then behind it in the list.
  for (const claim of claims) {
    for (const result of await claim) {
      if (result.status === "rejected") {
        await Promise.all(claims);
        throw result.reason;
      }
      runs.push(result.value);
    }
  }
  return runs;
}

/** Claims rows and publishes them; calls `onFull` where there may be more of them. */
function publishClaim(
  options: RelayOptions,
  signal: AbortSignal | undefined,
  onFull: () => void,
): Promise<Run> {
  return options.database.transaction(async tx => {
    const rows = await tx.query<Row>(
      `SELECT outbox_id, event_id, topic, type, body, traceparent, attempts FROM outbox
        WHERE state = 'PENDING' AND next_attempt_time <= NOW(6)
        ORDER BY next_attempt_time LIMIT ${claimRows} FOR UPDATE SKIP LOCKED`,
    );
    if (rows.length === 0) {
      return { more: false, failure: undefined };
    }
    const isFull = rows.length === claimRows;
    if (isFull) {
      onFull();
    }
    await failpoint("relay.claimed");
    const within = AbortSignal.timeout(publishWithinMs);
    const published = await publish(tx, rows, {
      ...options,
      signal: signal === undefined ? within : AbortSignal.any([signal, within]),
    });
    await failpoint("relay.published");
    return { ...published, more: published.more || isFull };
  });
}

/**
 * Publishes claimed rows and writes each one's own result. Leaves rows as they were where they were not sent, or where
 * the call failed; returns whether there are unsent ones, and the failure.
 */
async function publish(
  tx: Tx,
  rows: readonly Row[],
  options: RelayOptions & { readonly signal: AbortSignal },
): Promise<Run> {
  const { sns, topicArnPrefix, metrics, maxAttempts, signal } = options;
  const failed = await publishEvents(rows, {
    sns,
    topicArnPrefix,
    isSuspect: row => row.attempts * 2 >= maxAttempts,
    signal,
  });
  for (const row of rows.filter(each => failed.get(each)?.isUnsent !== true)) {
    metrics.published.inc({ messaging_destination_name: row.topic, outcome: outcomeOf(failed.get(row)) });
  }
  const published = rows.filter(row => !failed.has(row)).map(row => row.outboxId);
  if (published.length > 0) {
    await tx.deferred.execute(
      "UPDATE outbox SET state = 'PUBLISHED', publish_time = NOW(6), attempts = attempts + 1 WHERE outbox_id IN (?)",
      [published],
    );
  }
  for (const [row, failure] of failed) {
    if (failure.error === undefined && failure.isUnsent !== true) {
      await postpone(tx, row, failure.reason, options);
    }
  }
  const failures = [...failed.values()];
  return {
    more: failures.some(({ isUnsent }) => isUnsent),
    failure: failures.find(({ error }) => error !== undefined),
  };
}

function outcomeOf(failure: PublishFailure | undefined): string {
  if (failure === undefined) {
    return "published";
  }
  return failure.error === undefined ? "refused" : "failed";
}

async function postpone(
  tx: Tx,
  row: Row,
  reason: string,
  { retryMs, maxAttempts, log }: RelayOptions,
): Promise<void> {
  const attempts = row.attempts + 1;
  const parked = attempts >= maxAttempts;
  const delayMs = backoffMs(attempts, { baseMs: retryMs, maxMs: retryMs * 256 });
  await tx.deferred.execute(
    `UPDATE outbox SET state = ?, attempts = ?, last_error = ?, next_attempt_time = NOW(6) + INTERVAL ? MICROSECOND
      WHERE outbox_id = ?`,
    [parked ? "PARKED" : "PENDING", attempts, reason.slice(0, 500), delayMs * 1000, row.outboxId],
  );
  const line = { eventId: row.eventId, topic: row.topic, attempts, reason };
  if (parked) {
    log.error(line, "event parked");
  } else {
    log.warn(line, "event refused by sns, will be retried");
  }
}
