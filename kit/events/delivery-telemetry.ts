import type { Message as SqsMessage } from "@aws-sdk/client-sqs";
import { type Attributes, type Context, type Link, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
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
import { addSpan, failSpan, inSpan, openSpan, remoteContext } from "#kit/process/span.ts";

// The conventions name SQS `aws.sqs` since its attribute is `messaging.system.name`; their constant still has the
// older name.
const sqsSystem = "aws.sqs";

/** What is known of a delivery from the start. */
interface DeliveryDetails {
  readonly subscriber: string;
  readonly queue: string;
  /** The full name of the event's message. */
  readonly event: string;
  readonly message: SqsMessage;
}

/** One delivery of an event to a subscriber, in the trace of its publisher; ends with one of the last two. */
export interface Delivery extends Pick<DeliveryDetails, "message"> {
  /** The id that the publisher gave to the event; empty where there is none. */
  readonly eventId: string;
  inTrace<T>(work: () => Promise<T>): Promise<T>;
  handled(outcome: "done" | "duplicate"): void;
  failed(error: unknown): void;
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

/** Opens a delivery, which is measured, and logged where it fails. */
export function openDelivery(
  { subscriber, queue, event, message }: DeliveryDetails,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Logger },
): Delivery {
  const eventId = message.MessageAttributes?.event_id?.StringValue ?? "";
  const labels = { messaging_destination_name: queue };
  const { span, run } = openSpan(`process ${queue}`, {
    kind: SpanKind.CONSUMER,
    attributes: {
      ...attributesOf(queue, MESSAGING_OPERATION_TYPE_VALUE_PROCESS),
      [ATTR_MESSAGING_MESSAGE_ID]: message.MessageId,
      [ATTR_EVENT_ID]: eventId,
      [ATTR_EVENT_SUBSCRIBER]: subscriber,
    },
    parent: publisherContext(message),
  });
  const startMs = performance.now();
  metrics.eventLag.observe(labels, lagSeconds(message));
  const end = (outcome: "done" | "duplicate" | "failed") => {
    span.setAttribute(ATTR_EVENT_OUTCOME, outcome);
    span.end();
    metrics.processed.observe({ ...labels, outcome }, (performance.now() - startMs) / 1000);
  };
  return {
    message,
    eventId,
    inTrace: run,
    handled: end,
    failed(error) {
      failSpan(span, errorType(error));
      run(() => log.error({ err: error, queue, event, eventId }, "event not handled"));
      end("failed");
    },
  };
}

/** Handles deliveries together: in their trace where it is the same, else in one of its own that links to theirs. */
export function inBatch<T>(
  queue: string,
  deliveries: readonly Delivery[],
  work: () => Promise<T>,
): Promise<T> {
  const contexts = deliveries.map(({ message }) => publisherContext(message));
  const traceIds = new Set(contexts.map(each => trace.getSpanContext(each)?.traceId));
  const [first] = deliveries;
  if (first === undefined || traceIds.size === 1) {
    return first === undefined ? work() : first.inTrace(work);
  }
  const details = {
    kind: SpanKind.CONSUMER,
    attributes: {
      ...attributesOf(queue, MESSAGING_OPERATION_TYPE_VALUE_PROCESS),
      [ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: deliveries.length,
    },
    parent: ROOT_CONTEXT,
    links: contexts.flatMap(linkTo),
  };
  return inSpan(`process ${queue}`, details, work);
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
