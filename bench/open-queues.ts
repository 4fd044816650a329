import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SNSClient } from "@aws-sdk/client-sns";
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { startAws } from "#dev/stack/servers/aws.ts";
import { claimTemporaryDirectory } from "#dev/stack/servers/directory.ts";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { queueOf } from "#kit/contract/event.ts";
import type { Database } from "#kit/data/database.ts";
import { awsClientOptions } from "#kit/events/aws.ts";
import { type Subscription, startConsumer } from "#kit/events/consumer.ts";
import { createLog } from "#kit/process/log.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { applyTopology } from "#ops/topology.ts";

const accountId = "000000000000";
const waitSeconds = 1;

/** Queues and topics in a process of their own. */
interface Queues {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly endpoint: string;
  readonly topicArnPrefix: string;
  urlOf(queue: string): string;
  /** Puts events into a queue, as their topic does, each with an id of its own. */
  send(queue: string, bodies: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function openQueues(): Promise<Queues> {
  const data = fileURLToPath(new URL("../.data", import.meta.url));
  const run = await claimTemporaryDirectory(data, "bench-queues");
  const block = await reservePorts({ base: 29_200, count: 1 });
  const aws = await startAws({
    dir: run.dir,
    port: block.ports[0] ?? 0,
    log: () => {},
    keepData: false,
    env: {},
  });
  process.env.AWS_ACCESS_KEY_ID ??= "local";
  process.env.AWS_SECRET_ACCESS_KEY ??= "local";
  const env = { AWS_REGION: aws.region, AWS_ENDPOINT_URL: aws.endpoint, AWS_ACCOUNT_ID: accountId };
  await applyTopology({ ...env, QUEUE_RECEIVES_MAX: "3", QUEUE_VISIBILITY_SECONDS: "30" });
  const options = awsClientOptions(aws);
  const sqs = new SQSClient(options);
  const sns = new SNSClient(options);
  const urlOf = (queue: string) => `${aws.endpoint}/${accountId}/${queue}`;
  return {
    sns,
    sqs,
    endpoint: aws.endpoint,
    urlOf,
    topicArnPrefix: `arn:aws:sns:${aws.region}:${accountId}:`,
    async send(queue, bodies) {
      // The emulator gives the next messages to the last poll of a consumer that was just stopped.
      await delay(waitSeconds * 1000);
      for (let start = 0; start < bodies.length; start += 10) {
        const Entries = bodies.slice(start, start + 10).map((MessageBody, index) => ({
          Id: String(index),
          MessageBody,
          MessageAttributes: { event_id: { DataType: "String", StringValue: crypto.randomUUID() } },
        }));
        await sqs.send(new SendMessageBatchCommand({ QueueUrl: urlOf(queue), Entries }));
      }
    },
    async close() {
      sqs.destroy();
      sns.destroy();
      await aws.stop();
      await block.release();
      await run.release();
    },
  };
}

/** Runs the consumer of the services until it has handled `count` events. */
export async function runConsumer(
  { sqs }: Queues,
  database: Database,
  subscription: Subscription,
  service: string,
  count: number,
): Promise<number> {
  const metrics = createMetrics(service);
  const handled = Promise.withResolvers<void>();
  let left = count;
  const observe = metrics.processed.observe.bind(metrics.processed);
  metrics.processed.observe = (...measured: unknown[]) => {
    (observe as (...measured: unknown[]) => void)(...measured);
    left -= 1;
    if (left === 0) {
      handled.resolve();
    }
  };
  const log = createLog(service, "warn");
  const options = {
    service,
    database,
    sqs,
    log,
    metrics,
    waitSeconds,
    visibilitySeconds: 30,
    deleteDelayMs: 200,
  };
  const stop = startConsumer(subscription, options);
  await handled.promise;
  await stop();
  return count;
}

/**
 * Takes events off a queue as a plain consumer does: ten at a time, each handled on its own, deleted one by one after
 * the slowest.
 */
export async function takeSingly(
  { sqs, urlOf }: Queues,
  subscription: Subscription,
  service: string,
  count: number,
  handle: (eventId: string, body: string) => Promise<unknown>,
): Promise<number> {
  const QueueUrl = urlOf(queueOf(subscription.event, service));
  for (let left = count; left > 0; ) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: waitSeconds,
        MessageAttributeNames: ["All"],
      }),
    );
    await Promise.all(
      Messages.map(async ({ MessageAttributes, Body = "", ReceiptHandle }) => {
        await handle(MessageAttributes?.event_id?.StringValue ?? "", Body);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }),
    );
    left -= Messages.length;
  }
  return count;
}
