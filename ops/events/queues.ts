import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { publisherOf } from "#kit/contract/event.ts";
import { planTopology } from "../topology.ts";

/** A queue of the topology, with the two services it joins. */
export interface PlannedQueue {
  readonly publisher: string;
  readonly subscriber: string;
  /** The full name of the event. */
  readonly type: string;
  readonly queue: string;
  readonly deadLetterQueue: string;
}

/** Every queue that the contracts declare. */
export function plannedQueues(): PlannedQueue[] {
  return planTopology().flatMap(({ event, queues }) =>
    queues.map(({ service, queue, deadLetterQueue }) => ({
      publisher: publisherOf(event),
      subscriber: service,
      type: event.typeName,
      queue,
      deadLetterQueue,
    })),
  );
}

const batchMessages = 10;
const heldSeconds = 60;

/** Messages that wait in a queue, and those that were received and not yet deleted. Both are approximate on AWS. */
export async function readDepth(
  sqs: SQSClient,
  queue: string,
): Promise<{ waiting: number; inFlight: number }> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: await urlOf(sqs, queue),
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return {
    waiting: Number(Attributes.ApproximateNumberOfMessages),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
  };
}

/** A dead letter, as far as an operator needs it. */
interface DeadLetter {
  readonly eventId: string | undefined;
  readonly type: string | undefined;
}

/** Reads the first `limit` dead letters and makes them visible again. */
export async function peekDeadLetters(
  sqs: SQSClient,
  deadLetterQueue: string,
  limit: number,
): Promise<DeadLetter[]> {
  const QueueUrl = await urlOf(sqs, deadLetterQueue);
  const seen: Message[] = [];
  try {
    for (let batch = await receive(sqs, QueueUrl, limit); batch.length > 0; ) {
      seen.push(...batch);
      batch = seen.length < limit ? await receive(sqs, QueueUrl, limit - seen.length) : [];
    }
  } finally {
    for (const { ReceiptHandle } of seen) {
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    }
  }
  return seen.map(({ MessageAttributes: attributes }) => ({
    eventId: attributes?.event_id?.StringValue,
    type: attributes?.type?.StringValue,
  }));
}

/** The outcome of a move. */
interface Moved {
  readonly moved: number;
  readonly failures: readonly string[];
}

/**
 * Sends up to `limit` dead letters to the queue they came from, body and attributes unchanged, and deletes each once
 * its send succeeded. A crash between the two leaves a duplicate, never a gap. A letter that could not be moved is
 * visible again after a minute.
 */
export async function moveDeadLetters(
  sqs: SQSClient,
  { queue, deadLetterQueue }: PlannedQueue,
  { limit, signal, onBatch }: { limit: number; signal: AbortSignal; onBatch: (done: number) => void },
): Promise<Moved> {
  const from = await urlOf(sqs, deadLetterQueue);
  const to = await urlOf(sqs, queue);
  const failures: string[] = [];
  let moved = 0;
  while (moved + failures.length < limit && !signal.aborted) {
    const batch = await receive(sqs, from, limit - moved - failures.length);
    if (batch.length === 0) {
      break;
    }
    const results = await Promise.allSettled(batch.map(message => moveOne(sqs, message, { from, to })));
    for (const result of results) {
      if (result.status === "rejected") {
        failures.push(String(result.reason));
      }
    }
    moved += results.filter(({ status }) => status === "fulfilled").length;
    onBatch(moved);
  }
  return { moved, failures };
}

async function moveOne(
  sqs: SQSClient,
  message: Message,
  { from, to }: { from: string; to: string },
): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: to,
      MessageBody: message.Body,
      MessageAttributes: message.MessageAttributes,
    }),
  );
  await sqs.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle: message.ReceiptHandle }));
}

async function receive(sqs: SQSClient, QueueUrl: string, wanted: number): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: Math.min(batchMessages, wanted),
      VisibilityTimeout: heldSeconds,
      WaitTimeSeconds: 1,
      MessageAttributeNames: ["All"],
    }),
  );
  return Messages;
}

async function urlOf(sqs: SQSClient, queue: string): Promise<string> {
  try {
    const { QueueUrl = "" } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
    return QueueUrl;
  } catch (error) {
    throw new Error(`the queue ${queue} could not be used`, { cause: error });
  }
}
