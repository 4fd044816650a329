import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import type { DescMessage } from "@bufbuild/protobuf";
import { PurchaseCancelledSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { PointsChargedSchema } from "#gen/questioncloud/point/v1/events_pb.ts";
import { queueOf, subscribersOf, topicOf } from "#kit/contract/event.ts";
import { createRelay } from "#kit/events/relay.ts";
import { createLog } from "#kit/process/log.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { compare } from "./compare.ts";
import { openServiceDatabase } from "./open-database.ts";
import { openQueues } from "./open-queues.ts";

// 10,000 events of 430 bytes in an outbox, or as many as the argument says, to a topic with one subscription and to one
// with three: published one by one over 200 sockets, a thousand rows at a time; and by the relay of the services.
const events = Number(process.argv[3] ?? 10_000);
const bodyBytes = 430;
const rowsAtOnce = 1000;

const { database, close } = await openServiceDatabase("pay");
const queues = await openQueues();
const many = new SNSClient({
  region: await queues.sns.config.region(),
  endpoint: queues.endpoint,
  requestHandler: { httpAgent: { maxSockets: 200 } },
});
const relay = createRelay({
  database,
  sns: queues.sns,
  topicArnPrefix: queues.topicArnPrefix,
  metrics: createMetrics("pay"),
  log: createLog("pay", "warn"),
  retryMs: 1000,
  maxAttempts: 12,
});

const prepare = (event: DescMessage) => async () => {
  for (const service of subscribersOf(event)) {
    await queues.sqs.send(new PurgeQueueCommand({ QueueUrl: queues.urlOf(queueOf(event, service)) }));
  }
  await database.execute("TRUNCATE outbox");
  await database.execute(
    `INSERT INTO outbox (event_id, topic, type, body) SELECT UUID(), ?, ?, REPEAT('x', ?) FROM seq_1_to_${events}`,
    [topicOf(event), event.typeName, bodyBytes],
  );
};

async function relayAll(): Promise<number> {
  while (await relay()) {}
  return countPublished();
}

async function publishSingly(): Promise<number> {
  for (let more = true; more; ) {
    more = await database.transaction(async tx => {
      const rows = await tx.query<{
        outboxId: bigint;
        eventId: string;
        topic: string;
        type: string;
        body: string;
      }>(
        `SELECT outbox_id, event_id, topic, type, body FROM outbox
          WHERE state = 'PENDING' ORDER BY next_attempt_time LIMIT ? FOR UPDATE SKIP LOCKED`,
        [rowsAtOnce],
      );
      await Promise.all(
        rows.map(({ eventId, topic, type, body }) =>
          many.send(
            new PublishCommand({
              TopicArn: queues.topicArnPrefix + topic,
              Message: body,
              MessageAttributes: {
                event_id: { DataType: "String", StringValue: eventId },
                type: { DataType: "String", StringValue: type },
              },
            }),
          ),
        ),
      );
      if (rows.length > 0) {
        await tx.execute(
          "UPDATE outbox SET state = 'PUBLISHED', publish_time = NOW(6) WHERE outbox_id IN (?)",
          [rows.map(({ outboxId }) => outboxId)],
        );
      }
      return rows.length === rowsAtOnce;
    });
  }
  return countPublished();
}

async function countPublished(): Promise<number> {
  const [row] = await database.query<{ n: bigint }>(
    "SELECT COUNT(*) AS n FROM outbox WHERE state = 'PUBLISHED'",
  );
  return Number(row?.n);
}

try {
  for (const event of [PointsChargedSchema, PurchaseCancelledSchema]) {
    const name = `${subscribersOf(event).length} subscriptions: `;
    await compare(
      "events",
      [
        { name: `${name}one by one`, prepare: prepare(event), run: publishSingly },
        { name: `${name}kit/events/relay.ts`, prepare: prepare(event), run: relayAll },
      ],
      3,
    );
  }
} finally {
  many.destroy();
  await queues.close();
  await close();
}
