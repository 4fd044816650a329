import { PublishBatchCommand, type SNSClient } from "@aws-sdk/client-sns";

/** An event as it stands in the outbox. */
export interface OutboxEvent {
  readonly event_id: string;
  readonly topic: string;
  readonly type: string;
  readonly body: string;
  readonly traceparent: string | null;
}

export interface PublishOptions<Event> {
  readonly sns: SNSClient;
  readonly topicArnPrefix: string;
  /** True for an event that gets a batch of its own, because it may be the reason why others with it were refused. */
  readonly isSuspect?: (event: Event) => boolean;
}

const batchEntries = 10;
// SNS takes 256 KiB in a batch, counting names and values of attributes.
const batchBytes = 250 * 1024;
const attributeBytes = 500;
const batchesInFlight = 8;

/** Publishes events in batches, several at a time. Returns those that SNS did not acknowledge, each with the reason. */
export async function publishEvents<Event extends OutboxEvent>(
  events: readonly Event[],
  options: PublishOptions<Event>,
): Promise<Map<Event, string>> {
  const batches = toBatches(events, options.isSuspect ?? (() => false));
  const failed = new Map<Event, string>();
  const workers = Array.from({ length: Math.min(batchesInFlight, batches.length) }, async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      await publishBatch(batch, failed, options);
    }
  });
  await Promise.all(workers);
  return failed;
}

function toBatches<Event extends OutboxEvent>(
  events: readonly Event[],
  isSuspect: (event: Event) => boolean,
): Event[][] {
  const open = new Map<string, { events: Event[]; bytes: number }>();
  const batches: Event[][] = [];
  for (const event of events) {
    if (isSuspect(event)) {
      batches.push([event]);
      continue;
    }
    const bytes = Buffer.byteLength(event.body) + attributeBytes;
    let batch = open.get(event.topic);
    if (batch === undefined || batch.events.length === batchEntries || batch.bytes + bytes > batchBytes) {
      batch = { events: [], bytes: 0 };
      open.set(event.topic, batch);
      batches.push(batch.events);
    }
    batch.events.push(event);
    batch.bytes += bytes;
  }
  return batches;
}

// An entry that the answer names nowhere counts as failed: only what is acknowledged is published.
async function publishBatch<Event extends OutboxEvent>(
  batch: readonly Event[],
  failed: Map<Event, string>,
  { sns, topicArnPrefix }: PublishOptions<Event>,
): Promise<void> {
  try {
    const { Successful = [], Failed = [] } = await sns.send(
      new PublishBatchCommand({
        TopicArn: topicArnPrefix + (batch[0]?.topic ?? ""),
        PublishBatchRequestEntries: batch.map(event => ({
          Id: event.event_id,
          Message: event.body,
          MessageAttributes: attributesOf(event),
        })),
      }),
    );
    const acknowledged = new Set(Successful.map(entry => entry.Id));
    for (const event of batch.filter(each => !acknowledged.has(each.event_id))) {
      const refusal = Failed.find(entry => entry.Id === event.event_id);
      failed.set(event, refusal ? `${refusal.Code}: ${refusal.Message ?? ""}` : "not acknowledged");
    }
  } catch (error) {
    for (const event of batch) {
      failed.set(event, String(error));
    }
  }
}

function attributesOf(event: OutboxEvent) {
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  return {
    event_id: text(event.event_id),
    type: text(event.type),
    ...(event.traceparent === null ? {} : { traceparent: text(event.traceparent) }),
  };
}
