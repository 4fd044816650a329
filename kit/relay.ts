import { PublishBatchCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Database, Tx } from "#kit/database.ts";
import { failpoint } from "#kit/failpoint.ts";
import type { Logger } from "#kit/log.ts";
import type { Metrics } from "#kit/metrics.ts";

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

interface Row {
  outbox_id: bigint;
  event_id: string;
  topic: string;
  type: string;
  body: string;
  traceparent: string | null;
  attempts: number;
}

const claimRows = 500;
const batchEntries = 10;
const batchBytes = 250 * 1024;
const batchesInFlight = 8;

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
  const batches = toBatches(rows);
  const failed = new Map<Row, string>();
  const workers = Array.from({ length: Math.min(batchesInFlight, batches.length) }, async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      await publishBatch(batch, failed, options);
    }
  });
  await Promise.all(workers);
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

function toBatches(rows: readonly Row[]): Row[][] {
  const open = new Map<string, { rows: Row[]; bytes: number }>();
  const batches: Row[][] = [];
  for (const row of rows) {
    const bytes = Buffer.byteLength(row.body) + 500;
    let batch = open.get(row.topic);
    if (batch === undefined || batch.rows.length === batchEntries || batch.bytes + bytes > batchBytes) {
      batch = { rows: [], bytes: 0 };
      open.set(row.topic, batch);
      batches.push(batch.rows);
    }
    batch.rows.push(row);
    batch.bytes += bytes;
  }
  return batches;
}

async function publishBatch(
  batch: readonly Row[],
  failed: Map<Row, string>,
  { sns, topicArnPrefix, metrics }: RelayOptions,
) {
  const topic = batch[0]?.topic ?? "";
  try {
    const answer = await sns.send(
      new PublishBatchCommand({
        TopicArn: topicArnPrefix + topic,
        PublishBatchRequestEntries: batch.map(row => ({
          Id: row.event_id,
          Message: row.body,
          MessageAttributes: attributesOf(row),
        })),
      }),
    );
    for (const entry of answer.Failed ?? []) {
      const row = batch.find(candidate => candidate.event_id === entry.Id);
      if (row !== undefined) {
        failed.set(row, `${entry.Code}: ${entry.Message ?? ""}`);
      }
    }
    const refused = answer.Failed?.length ?? 0;
    metrics.published.inc({ topic, result: "done" }, batch.length - refused);
    metrics.published.inc({ topic, result: "failed" }, refused);
  } catch (error) {
    metrics.published.inc({ topic, result: "failed" }, batch.length);
    for (const row of batch) {
      failed.set(row, String(error));
    }
  }
}

function attributesOf(row: Row) {
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  return {
    event_id: text(row.event_id),
    type: text(row.type),
    ...(row.traceparent === null ? {} : { traceparent: text(row.traceparent) }),
  };
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
