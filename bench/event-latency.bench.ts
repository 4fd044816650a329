import { setTimeout as delay } from "node:timers/promises";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { PurchaseCancelledSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { queueOf, subscribersOf } from "#kit/contract/event.ts";
import { startConsumer, subscribe } from "#kit/events/consumer.ts";
import { createOutbox } from "#kit/events/outbox.ts";
import { createRelay } from "#kit/events/relay.ts";
import { createLog } from "#kit/process/log.ts";
import { createWakeup, job, startJob } from "#kit/process/loop.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { openServiceDatabase } from "./open-database.ts";
import { openQueues } from "./open-queues.ts";
import { printRow } from "./report.ts";

// The time from the commit of an event until it is handled, at 200 events a second whatever the delay (open loop), for
// 60 seconds in all or as many as the argument says: with a relay that looks every 500 ms, and with the relay of the
// services, which the commit wakes. In three turns each.
const seconds = Number(process.argv[3] ?? 60);
const perSecond = 200;
const turns = 3;
const service = "point";

const { database, close } = await openServiceDatabase("pay");
const queues = await openQueues();
const log = createLog("pay", "warn");
const metrics = createMetrics("pay");
const relay = createRelay({
  ...{ database, sns: queues.sns, topicArnPrefix: queues.topicArnPrefix, metrics, log },
  ...{ retryMs: 1000, maxAttempts: 12 },
});
const committedAt = new Map<string, number>();
const latencies: number[] = [];

const subscription = subscribe(PurchaseCancelledSchema, async (tx, _event, eventId) => {
  tx.afterCommit(() => {
    const startMs = committedAt.get(eventId);
    if (startMs !== undefined) {
      latencies.push(performance.now() - startMs);
    }
  });
});

async function measure(pollMs: number, isWoken: boolean): Promise<number[]> {
  latencies.length = 0;
  const wakeup = createWakeup();
  const outbox = createOutbox(isWoken ? wakeup.wake : () => {});
  const running = startJob(job("relay", pollMs, relay, wakeup), { log, metrics });
  const count = Math.round((seconds / turns) * perSecond);
  const appends: Promise<void>[] = [];
  const startMs = performance.now();
  for (let index = 0; index < count; index++) {
    await delay(Math.max(0, startMs + (index * 1000) / perSecond - performance.now()));
    appends.push(append(outbox));
  }
  await Promise.all(appends);
  while (latencies.length < count) {
    await delay(50);
  }
  await running.stop();
  return latencies.toSorted((a, b) => a - b);
}

async function append(outbox: ReturnType<typeof createOutbox>): Promise<void> {
  const event = { purchaseId: crypto.randomUUID(), userId: 1n, reason: "REASON" };
  await database.transaction(async tx => {
    const eventId = await outbox.append(tx, PurchaseCancelledSchema, event);
    tx.afterCommit(() => committedAt.set(eventId, performance.now()));
  });
}

const at = (sorted: readonly number[], share: number) =>
  Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) * 10) / 10;
const median = (values: readonly number[]) =>
  at(
    values.toSorted((a, b) => a - b),
    0.5,
  );

const options = {
  service,
  database,
  sqs: queues.sqs,
  log,
  metrics,
  waitSeconds: 1,
  visibilitySeconds: 30,
  deleteDelayMs: 200,
};
const stop = startConsumer(subscription, options);
try {
  const ratios: number[] = [];
  printRow(["relay", "", "p50 ms", "p99 ms", "most ms"]);
  for (let turn = 0; turn < turns; turn++) {
    const polled = await measure(500, false);
    const woken = await measure(1000, true);
    for (const [name, sorted] of Object.entries({ "every 500 ms": polled, woken })) {
      printRow([name, "", at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1)]);
    }
    ratios.push(at(polled, 0.5) / at(woken, 0.5));
    for (const other of subscribersOf(PurchaseCancelledSchema).filter(name => name !== service)) {
      const QueueUrl = queues.urlOf(queueOf(PurchaseCancelledSchema, other));
      await queues.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    }
  }
  process.stdout.write(`p50 ${median(ratios).toFixed(1)} times as low\n`);
} finally {
  await stop();
  await queues.close();
  await close();
}
