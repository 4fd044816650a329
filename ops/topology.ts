import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type DescMessage, hasOption } from "@bufbuild/protobuf";
import { z } from "zod";
import { event } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { awsClientOptions } from "#kit/aws.ts";
import { type Environment, integer, readConfig } from "#kit/config.ts";
import { deadLetterQueueOf, hearersOf, queueOf, topicOf } from "#kit/event.ts";
import { contracts } from "../gateway/contracts.ts";

/** One topic with the queues of those who hear it. */
export interface TopicPlan {
  readonly event: DescMessage;
  readonly topic: string;
  readonly queues: readonly {
    readonly service: string;
    readonly queue: string;
    readonly deadLetterQueue: string;
  }[];
}

/** Topics and queues as the contracts want them. */
export function planTopology(): TopicPlan[] {
  const events = [...contracts.files]
    .flatMap(file => file.messages)
    .filter(message => hasOption(message, event));
  return events.map(schema => ({
    event: schema,
    topic: topicOf(schema),
    queues: hearersOf(schema).map(service => {
      const queue = queueOf(schema, service);
      return { service, queue, deadLetterQueue: deadLetterQueueOf(queue) };
    }),
  }));
}

/** How queues behave, beside their names. */
export function readTopologyConfig(env: Environment) {
  return readConfig(env, {
    AWS_REGION: z.string().default("ap-northeast-2"),
    AWS_ENDPOINT_URL: z.url().optional(),
    AWS_ACCOUNT_ID: z.string().regex(/^\d{12}$/),
    QUEUE_VISIBILITY_SECONDS: integer({ min: 1, max: 3600, fallback: 30 }),
    QUEUE_RECEIVES_MAX: integer({ min: 3, max: 1000, fallback: 8 }),
  });
}

type TopologyConfig = ReturnType<typeof readTopologyConfig>;

const retentionSeconds = String(14 * 24 * 3600);

/** Makes what is missing and brings the rest to the wanted attributes. Deletes nothing. */
export async function applyTopology(env: Environment): Promise<void> {
  const config = readTopologyConfig(env);
  const sns = new SNSClient(awsClientOptions(config));
  const sqs = new SQSClient(awsClientOptions(config));
  for (const { topic, queues } of planTopology()) {
    const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: topic }));
    for (const { queue, deadLetterQueue } of queues) {
      await applyQueue(sqs, config, { queue, deadLetterQueue, topicArn: TopicArn });
      await subscribe(sns, TopicArn, queueArn(config, queue));
    }
  }
  sns.destroy();
  sqs.destroy();
}

function queueArn(config: TopologyConfig, queue: string): string {
  return `arn:aws:sqs:${config.AWS_REGION}:${config.AWS_ACCOUNT_ID}:${queue}`;
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
        Resource: queueArn(config, queue),
        Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
      },
    ],
  };
  const redrive = {
    deadLetterTargetArn: queueArn(config, deadLetterQueue),
    maxReceiveCount: config.QUEUE_RECEIVES_MAX,
  };
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl,
      Attributes: {
        MessageRetentionPeriod: retentionSeconds,
        VisibilityTimeout: String(config.QUEUE_VISIBILITY_SECONDS),
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
apply   makes what is missing and sets attributes; deletes nothing
Reads AWS_REGION, AWS_ACCOUNT_ID, AWS_ENDPOINT_URL, QUEUE_VISIBILITY_SECONDS, QUEUE_RECEIVES_MAX.
`;

if (import.meta.main) {
  const [command] = process.argv.slice(2);
  if (command === "print") {
    for (const { topic, event: schema, queues } of planTopology()) {
      process.stdout.write(`${topic}  (${schema.typeName})\n`);
      for (const { queue, deadLetterQueue } of queues) {
        process.stdout.write(`  ${queue}  dead letters: ${deadLetterQueue}\n`);
      }
    }
  } else if (command === "apply") {
    await applyTopology(process.env);
    process.stdout.write("topology is as the contracts want it\n");
  } else {
    process.stderr.write(usage);
    process.exitCode = command === "--help" || command === "-h" ? 0 : 2;
  }
}
