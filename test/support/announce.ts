import { randomUUID } from "node:crypto";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { create, type DescMessage, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import type { Stack } from "../../dev/stack.ts";
import { topicOf } from "../../kit/event.ts";

/** Publishes an event as its announcer would. The same event id twice is a repeated delivery. */
export async function announce<Desc extends DescMessage>(
  stack: Stack,
  schema: Desc,
  event: MessageInitShape<Desc>,
  eventId: string = randomUUID(),
): Promise<void> {
  const region = stack.env.AWS_REGION ?? "";
  const sns = new SNSClient({ region, endpoint: stack.env.AWS_ENDPOINT_URL ?? "" });
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  try {
    await sns.send(
      new PublishCommand({
        TopicArn: `arn:aws:sns:${region}:${stack.env.AWS_ACCOUNT_ID}:${topicOf(schema)}`,
        Message: toJsonString(schema, create(schema, event)),
        MessageAttributes: { event_id: text(eventId), type: text(schema.typeName) },
      }),
    );
  } finally {
    sns.destroy();
  }
}
