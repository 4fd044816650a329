import { randomUUID } from "node:crypto";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { create, type DescMessage, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import type { Stack } from "#dev/stack/stack.ts";
import { queueOf, topicOf } from "#kit/contract/event.ts";

/** Publishes an event as its publisher would. The same event id twice is a repeated delivery. */
export async function publishEvent<Desc extends DescMessage>(
  stack: Stack,
  schema: Desc,
  event: MessageInitShape<Desc>,
  eventId: string = randomUUID(),
): Promise<void> {
  const { region, endpoint, body, attributes } = parts(stack, schema, event, eventId);
  const sns = new SNSClient({ region, endpoint });
  const TopicArn = `arn:aws:sns:${region}:${stack.env.AWS_ACCOUNT_ID}:${topicOf(schema)}`;
  try {
    await sns.send(new PublishCommand({ TopicArn, Message: body, MessageAttributes: attributes }));
  } finally {
    sns.destroy();
  }
}

/** Delivers an event to one service alone, so that the others never learn of what did not happen. */
export async function deliverTo<Desc extends DescMessage>(
  stack: Stack,
  service: string,
  schema: Desc,
  event: MessageInitShape<Desc>,
  eventId: string = randomUUID(),
): Promise<void> {
  const { region, endpoint, body, attributes } = parts(stack, schema, event, eventId);
  const sqs = new SQSClient({ region, endpoint });
  try {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueOf(schema, service) }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes: attributes }));
  } finally {
    sqs.destroy();
  }
}

function parts<Desc extends DescMessage>(
  stack: Stack,
  schema: Desc,
  event: MessageInitShape<Desc>,
  eventId: string,
) {
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  return {
    region: stack.env.AWS_REGION ?? "",
    endpoint: stack.env.AWS_ENDPOINT_URL ?? "",
    body: toJsonString(schema, create(schema, event)),
    attributes: { event_id: text(eventId), type: text(schema.typeName) },
  };
}
