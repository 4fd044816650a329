import type { SNSClient } from "@aws-sdk/client-sns";
import type { Database, Tx } from "#kit/database.ts";
import { failpoint } from "#kit/failpoint.ts";
import type { Logger } from "#kit/log.ts";
import type { Metrics } from "#kit/metrics.ts";
import { type OutboxEvent, publishEvents } from "#kit/publish.ts";

export interface RelayOptions {
  readonly database: Database;
  readonly sns: SNSClient;
  readonly topicArnPrefix: string;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Milliseconds before the second attempt; doubles with each further one, at most 256 times as long. */
  readonly retryMs: number;
  /** Attempts after which an event is parked. */
  readonly maxAttempts: number;
}

interface Row extends OutboxEvent {
  outbox_id: bigint;
  attempts: number;
}

const claimRows = 500;

/** Publishes what is due in the outbox, oldest first. Returns true where there may be more. Any number of replicas may run it. */
export function createRelay(options: RelayOptions): () => Promise<boolean> {
  return async () => {
    const more = await options.database.transaction(async tx => {
      const rows = await tx.query<Row>(
        `SELECT outbox_id, event_id, topic, type, body, traceparent, attempts FROM outbox
          WHERE state = 'PENDING' AND next_attempt_time <= NOW(6)
          ORDER BY next_attempt_time LIMIT ${claimRows} FOR UPDATE SKIP LOCKED`,
      );
      if (rows.length > 0) {
        await failpoint("relay.claimed");
        await publish(tx, rows, options);
        await failpoint("relay.published");
      }
      return rows.length === claimRows;
    });
    await measure(options);
    return more;
  };
}

async function publish(tx: Tx, rows: readonly Row[], options: RelayOptions): Promise<void> {
  const { sns, topicArnPrefix, metrics, maxAttempts } = options;
  const failed = await publishEvents(rows, {
    sns,
    topicArnPrefix,
    isSuspect: row => row.attempts * 2 >= maxAttempts,
  });
  for (const row of rows) {
    metrics.published.inc({ topic: row.topic, result: failed.has(row) ? "failed" : "done" });
  }
  const published = rows.filter(row => !failed.has(row)).map(row => row.outbox_id);
  if (published.length > 0) {
    await tx.execute(
      "UPDATE outbox SET state = 'PUBLISHED', publish_time = NOW(6), attempts = attempts + 1 WHERE outbox_id IN (?)",
      [published],
    );
  }
  for (const [row, error] of failed) {
    await postpone(tx, row, error, options);
  }
}

async function postpone(
  tx: Tx,
  row: Row,
  error: string,
  { retryMs, maxAttempts, log }: RelayOptions,
): Promise<void> {
  const attempts = row.attempts + 1;
  const parked = attempts >= maxAttempts;
  const delayMs = Math.round(retryMs * Math.min(2 ** (attempts - 1), 256) * (0.5 + Math.random()));
  await tx.execute(
    `UPDATE outbox SET state = ?, attempts = ?, last_error = ?, next_attempt_time = NOW(6) + INTERVAL ? MICROSECOND WHERE outbox_id = ?`,
    [parked ? "PARKED" : "PENDING", attempts, error.slice(0, 500), delayMs * 1000, row.outbox_id],
  );
  log[parked ? "error" : "warn"](
    { eventId: row.event_id, topic: row.topic, attempts, error, parked },
    "event was not published",
  );
}

async function measure({ database, metrics }: RelayOptions): Promise<void> {
  const counts = await database.query<{ state: string; rows: bigint }>(
    "SELECT state, COUNT(*) AS `rows` FROM outbox WHERE state IN ('PENDING', 'PARKED') GROUP BY state",
  );
  metrics.outboxPending.set(Number(counts.find(count => count.state === "PENDING")?.rows ?? 0));
  metrics.outboxParked.set(Number(counts.find(count => count.state === "PARKED")?.rows ?? 0));
}
