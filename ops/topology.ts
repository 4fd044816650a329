import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { DescMessage } from "@bufbuild/protobuf";
import { events } from "#kit/contract/contracts.ts";
import { deadLetterQueueOf, queueOf, subscribersOf, topicOf } from "#kit/contract/event.ts";
import { awsClientOptions, awsConfig, queueConfig } from "#kit/events/aws.ts";
import { type Config, type Environment, integer } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { asksForHelp, runCommand, UsageError } from "./command-line.ts";
import { commandEnvironment } from "./environment.ts";

/** One topic with the queues of its subscribers. */
interface TopicPlan {
  readonly event: DescMessage;
  readonly topic: string;
  readonly queues: readonly {
    readonly service: string;
    readonly queue: string;
    readonly deadLetterQueue: string;
  }[];
}

/** Topics and queues as the contracts declare them. */
export function planTopology(): TopicPlan[] {
  return events.map(schema => ({
    event: schema,
    topic: topicOf(schema),
    queues: subscribersOf(schema).map(service => {
      const queue = queueOf(schema, service);
      return { service, queue, deadLetterQueue: deadLetterQueueOf(queue) };
    }),
  }));
}

/** The variables for topics and queues. */
export const topologyConfig = {
  aws: awsConfig,
  visibilitySeconds: queueConfig.visibilitySeconds,
  /** Deliveries after which a message is a dead letter. */
  receivesMax: integer("QUEUE_RECEIVES_MAX", { min: 3, max: 1000, fallback: 8 }),
};

type TopologyConfig = Config<typeof topologyConfig>;

const retentionSeconds = String(14 * 24 * 3600);

/** Creates what is missing and updates attributes that differ. Deletes nothing. */
export async function applyTopology(env: Environment): Promise<void> {
  const config = readConfig(env, topologyConfig);
  const sns = new SNSClient(awsClientOptions(config.aws));
  const sqs = new SQSClient(awsClientOptions(config.aws));
  for (const { topic, queues } of planTopology()) {
    const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: topic }));
    for (const { queue, deadLetterQueue } of queues) {
      await applyQueue(sqs, config, { queue, deadLetterQueue, topicArn: TopicArn });
      await subscribe(sns, TopicArn, queueArn(config.aws, queue));
    }
  }
  sns.destroy();
  sqs.destroy();
}

function queueArn({ region, accountId }: TopologyConfig["aws"], queue: string): string {
  return `arn:aws:sqs:${region}:${accountId}:${queue}`;
}

async function applyQueue(
  sqs: SQSClient,
  config: TopologyConfig,
  { queue, deadLetterQueue, topicArn }: { queue: string; deadLetterQueue: string; topicArn: string },
): Promise<void> {
  await sqs.send(
    new CreateQueueCommand({
      QueueName: deadLetterQueue,
      Attributes: { MessageRetentionPeriod: retentionSeconds },
    }),
  );
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queue }));
  const policy = {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queueArn(config.aws, queue),
        Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
      },
    ],
  };
  const redrive = {
    deadLetterTargetArn: queueArn(config.aws, deadLetterQueue),
    maxReceiveCount: config.receivesMax,
  };
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl,
      Attributes: {
        MessageRetentionPeriod: retentionSeconds,
        VisibilityTimeout: String(config.visibilitySeconds),
        Policy: JSON.stringify(policy),
        RedrivePolicy: JSON.stringify(redrive),
      },
    }),
  );
}

async function subscribe(sns: SNSClient, TopicArn: string, queue: string): Promise<void> {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  const known = Subscriptions.find(subscription => subscription.Endpoint === queue);
  if (known?.SubscriptionArn !== undefined) {
    await sns.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn: known.SubscriptionArn,
        AttributeName: "RawMessageDelivery",
        AttributeValue: "true",
      }),
    );
    return;
  }
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: "sqs",
      Endpoint: queue,
      Attributes: { RawMessageDelivery: "true" },
    }),
  );
}

const usage = `npm run topology -- print | apply

print   shows the topics, queues and dead letter queues that the contracts want
apply   creates what is missing and sets attributes; deletes nothing

Reads AWS_REGION, AWS_ACCOUNT_ID, AWS_ENDPOINT_URL, QUEUE_VISIBILITY_SECONDS and QUEUE_RECEIVES_MAX; without
AWS_ACCOUNT_ID it uses the local stack that is running.
`;

async function main(): Promise<number> {
  const [command, ...further] = process.argv.slice(2);
  if (asksForHelp(process.argv.slice(2))) {
    process.stdout.write(usage);
    return 0;
  }
  if (further.length > 0) {
    throw new UsageError(`not understood: ${further[0]}`);
  }
  switch (command) {
    case "print":
      process.stdout.write(describeTopology());
      return 0;
    case "apply":
      await applyTopology(await commandEnvironment(topologyConfig));
      process.stdout.write("the topology is as the contracts want it\n");
      return 0;
    default:
      throw new UsageError(command === undefined ? "a command is missing" : `no such command: ${command}`);
  }
}

function describeTopology(): string {
  const lines = planTopology().flatMap(({ topic, event, queues }) => [
    `${topic}  (${event.typeName})`,
    ...queues.map(({ queue, deadLetterQueue }) => `  ${queue}  dead letters: ${deadLetterQueue}`),
  ]);
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) {
  await runCommand("topology", main);
}
