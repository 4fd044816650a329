import type { Message as SqsMessage } from "@aws-sdk/client-sqs";
import { type Attributes, type Context, type Link, SpanKind, trace } from "@opentelemetry/api";
import {
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM_NAME,
  MESSAGING_OPERATION_TYPE_VALUE_PROCESS,
  MESSAGING_OPERATION_TYPE_VALUE_RECEIVE,
} from "@opentelemetry/semantic-conventions/incubating";
import { Failure, reasonName } from "#kit/contract/failure.ts";
import { ATTR_EVENT_ID, ATTR_EVENT_OUTCOME, ATTR_EVENT_SUBSCRIBER } from "#kit/process/exported-span.ts";
import type { Logger } from "#kit/process/log.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import { addSpan, failSpan, inSpan, remoteContext } from "#kit/process/span.ts";

// The conventions name SQS `aws.sqs` since its attribute is `messaging.system.name`; their constant still has the
// older name.
const sqsSystem = "aws.sqs";

/** One delivery of an event to a subscriber. */
interface Delivery {
  readonly subscriber: string;
  readonly queue: string;
  /** The full name of the event's message. */
  readonly event: string;
  readonly eventId: string;
  readonly message: SqsMessage;
}

/** The id that the publisher gave to the event in a message; empty where there is none. */
export function eventIdOf({ MessageAttributes }: SqsMessage): string {
  return MessageAttributes?.event_id?.StringValue ?? "";
}

/** Makes the span of a poll that brought messages. It links to their traces, for they are many. */
export function recordReceive(queue: string, messages: readonly SqsMessage[], startTime: number): void {
  if (messages.length > 0) {
    addSpan(`receive ${queue}`, startTime, {
      kind: SpanKind.CLIENT,
      attributes: {
        ...attributesOf(queue, MESSAGING_OPERATION_TYPE_VALUE_RECEIVE),
        [ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: messages.length,
      },
      links: messages.flatMap(message => linkTo(publisherContext(message))),
    });
  }
}

/** Handles one delivery in the trace of its publisher; measures and logs how it ends. */
export function recordDelivery(
  { subscriber, queue, event, eventId, message }: Delivery,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Logger },
  handle: () => Promise<"done" | "duplicate">,
): Promise<void> {
  const labels = { messaging_destination_name: queue };
  const attributes = {
    ...attributesOf(queue, MESSAGING_OPERATION_TYPE_VALUE_PROCESS),
    [ATTR_MESSAGING_MESSAGE_ID]: message.MessageId,
    [ATTR_EVENT_ID]: eventId,
    [ATTR_EVENT_SUBSCRIBER]: subscriber,
  };
  const details = { kind: SpanKind.CONSUMER, attributes, parent: publisherContext(message) };
  return inSpan(`process ${queue}`, details, async span => {
    const startMs = performance.now();
    let outcome = "failed";
    metrics.eventLag.observe(labels, lagSeconds(message));
    try {
      outcome = await handle();
    } catch (error) {
      failSpan(span, errorType(error));
      log.error({ err: error, queue, event, eventId }, "event not handled");
      throw error;
    } finally {
      span.setAttribute(ATTR_EVENT_OUTCOME, outcome);
      metrics.processed.observe({ ...labels, outcome }, (performance.now() - startMs) / 1000);
    }
  });
}

function errorType(error: unknown): string {
  if (error instanceof Failure) {
    return reasonName(error.reason);
  }
  return error instanceof Error ? error.name : "unknown";
}

function attributesOf(queue: string, operation: string): Attributes {
  return {
    [ATTR_MESSAGING_SYSTEM_NAME]: sqsSystem,
    [ATTR_MESSAGING_DESTINATION_NAME]: queue,
    [ATTR_MESSAGING_OPERATION_NAME]: operation,
    [ATTR_MESSAGING_OPERATION_TYPE]: operation,
  };
}

function publisherContext({ MessageAttributes }: SqsMessage): Context {
  return remoteContext(MessageAttributes?.traceparent?.StringValue);
}

/** A link to the span of a context; none where it has no span. */
export function linkTo(context: Context): Link[] {
  const linked = trace.getSpanContext(context);
  return linked === undefined ? [] : [{ context: linked }];
}

function lagSeconds({ Attributes }: SqsMessage): number {
  return Math.max(0, Date.now() - Number(Attributes?.SentTimestamp ?? Date.now())) / 1000;
}
