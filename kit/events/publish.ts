import { PublishBatchCommand, type SNSClient, SNSServiceException } from "@aws-sdk/client-sns";
import { ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import {
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM_NAME,
  MESSAGING_OPERATION_TYPE_VALUE_SEND,
  MESSAGING_SYSTEM_VALUE_AWS_SNS,
} from "@opentelemetry/semantic-conventions/incubating";
import { linkTo } from "#kit/events/delivery-telemetry.ts";
import { failSpan, inSpan, remoteContext } from "#kit/process/span.ts";

/** An event as the outbox stores it. */
export interface OutboxEvent {
  readonly eventId: string;
  readonly topic: string;
  readonly type: string;
  readonly body: string;
  readonly traceparent: string | null;
}

/** Why an event was not published. */
export interface PublishFailure {
  readonly reason: string;
  /** What the call threw; undefined where SNS answered and refused the event or its batch. */
  readonly error?: unknown;
  /** True for an event that was not sent because the signal had aborted. */
  readonly isUnsent?: boolean;
}

interface PublishOptions<Event> {
  readonly sns: SNSClient;
  readonly topicArnPrefix: string;
  /** True for an event that gets a batch of its own, because it may be why the others of its batch were refused. */
  readonly isSuspect?: (event: Event) => boolean;
  /** No further batch is sent once it has aborted; calls in flight go on. */
  readonly signal?: AbortSignal;
}

const batchEntries = 10;
// SNS takes 256 KiB in a batch, counting names and values of attributes.
const batchBytes = 250 * 1024;
const attributeBytes = 500;
const batchesInFlight = 8;
const unsent: PublishFailure = { reason: "not sent", isUnsent: true };

/**
 * Publishes events in batches, several at a time. Returns those that SNS did not acknowledge, each with the reason.
 * After a call that failed no further batch is sent.
 */
export async function publishEvents<Event extends OutboxEvent>(
  events: readonly Event[],
  options: PublishOptions<Event>,
): Promise<Map<Event, PublishFailure>> {
  const batches = toBatches(events, options.isSuspect ?? (() => false));
  const failed = new Map<Event, PublishFailure>();
  let outage: PublishFailure | undefined;
  const workers = Array.from({ length: Math.min(batchesInFlight, batches.length) }, async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      const skipped = outage ?? (options.signal?.aborted === true ? unsent : undefined);
      if (skipped === undefined) {
        outage = await publishBatch(batch, failed, options);
      } else {
        fail(batch, failed, skipped);
      }
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

/**
 * Publishes one batch. An entry that the answer names nowhere counts as failed: only what is acknowledged is published.
 * Returns a failure where the call itself failed.
 */
async function publishBatch<Event extends OutboxEvent>(
  batch: readonly Event[],
  failed: Map<Event, PublishFailure>,
  options: PublishOptions<Event>,
): Promise<PublishFailure | undefined> {
  let outage: PublishFailure | undefined;
  await inPublishSpan(batch, async () => {
    try {
      const { Successful = [], Failed = [] } = await send(batch, options);
      const acknowledged = new Set(Successful.map(entry => entry.Id));
      for (const event of batch.filter(each => !acknowledged.has(each.eventId))) {
        const refusal = Failed.find(entry => entry.Id === event.eventId);
        const reason = refusal ? `${refusal.Code}: ${refusal.Message ?? ""}` : "not acknowledged";
        failed.set(event, { reason });
      }
      return Failed[0]?.Code;
    } catch (error) {
      const failure = { reason: String(error), ...(isRefusal(error) ? {} : { error }) };
      fail(batch, failed, failure);
      outage = failure.error === undefined ? undefined : failure;
      return error instanceof Error ? error.name : "unknown";
    }
  });
  return outage;
}

function fail<Event>(
  batch: readonly Event[],
  failed: Map<Event, PublishFailure>,
  failure: PublishFailure,
): void {
  for (const event of batch) {
    failed.set(event, failure);
  }
}

// What SNS says about the content of a batch. That it throttles, knows no such topic or does not know us is not about
// it.
const refusals = /^(InvalidParameter|InvalidBatchEntry|BatchRequestTooLong|Validation)/;

function isRefusal(error: unknown): boolean {
  return error instanceof SNSServiceException && refusals.test(error.name);
}

function send(batch: readonly OutboxEvent[], { sns, topicArnPrefix }: PublishOptions<never>) {
  return sns.send(
    new PublishBatchCommand({
      TopicArn: topicArnPrefix + (batch[0]?.topic ?? ""),
      PublishBatchRequestEntries: batch.map(event => ({
        Id: event.eventId,
        Message: event.body,
        MessageAttributes: attributesOf(event),
      })),
    }),
  );
}

/**
 * `work` returns the type of the error, if any. A batch of one trace belongs to it; a mixed one links to all of them.
 */
function inPublishSpan(
  batch: readonly OutboxEvent[],
  work: () => Promise<string | undefined>,
): Promise<void> {
  const topic = batch[0]?.topic ?? "";
  const contexts = batch.map(event => remoteContext(event.traceparent));
  const traceIds = new Set(contexts.map(context => trace.getSpanContext(context)?.traceId));
  const details = {
    kind: SpanKind.CLIENT,
    attributes: {
      [ATTR_MESSAGING_SYSTEM_NAME]: MESSAGING_SYSTEM_VALUE_AWS_SNS,
      [ATTR_MESSAGING_DESTINATION_NAME]: topic,
      [ATTR_MESSAGING_OPERATION_NAME]: "publish",
      [ATTR_MESSAGING_OPERATION_TYPE]: MESSAGING_OPERATION_TYPE_VALUE_SEND,
      [ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: batch.length,
    },
    parent: (traceIds.size === 1 ? contexts[0] : undefined) ?? ROOT_CONTEXT,
    links: contexts.flatMap(linkTo),
  };
  return inSpan(`publish ${topic}`, details, async span => {
    const errorType = await work();
    if (errorType !== undefined) {
      failSpan(span, errorType);
    }
  });
}

function attributesOf(event: OutboxEvent) {
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  return {
    event_id: text(event.eventId),
    type: text(event.type),
    ...(event.traceparent === null ? {} : { traceparent: text(event.traceparent) }),
  };
}
