import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type SQSClient,
  type Message as SqsMessage,
} from "@aws-sdk/client-sqs";
import { recordReceive } from "#kit/events/delivery-telemetry.ts";

/** A queue, as a subscriber takes messages off it. */
interface Queue {
  /** Waits for messages, and returns as many of them as there are, up to `most`. */
  receive(most: number, waitSeconds: number, signal: AbortSignal): Promise<SqsMessage[]>;
  /** Keeps messages invisible to other consumers while `work` runs. */
  holdWhile(messages: readonly SqsMessage[], work: () => Promise<void>): Promise<void>;
  /**
   * Deletes messages, those that do not fill a call with what follows within `deleteDelayMs`. One that is not deleted
   * is delivered again, as a duplicate.
   */
  remove(messages: readonly SqsMessage[]): Promise<void>;
  /** Deletes what waits for others, and waits for what is being deleted. */
  flush(): Promise<void>;
}

interface QueueOptions {
  readonly sqs: SQSClient;
  readonly visibilitySeconds: number;
  readonly deleteDelayMs: number;
  /** Called where messages cannot be held or deleted; they are delivered again, which the inbox expects. */
  readonly onFailure: (error: unknown) => void;
}

/** The most messages that SQS takes or gives in one call. */
const callMessages = 10;
/** How long SQS may take to answer, apart from waiting for messages. */
const answerMs = 3000;

/** The timeout of a client that waits for messages; those of other calls are shorter. */
export function receiveMs(waitSeconds: number): number {
  return waitSeconds * 1000 + answerMs;
}

/** Opens a queue, which may be unavailable at first. */
export function openQueue(
  name: string,
  { sqs, visibilitySeconds, deleteDelayMs, onFailure }: QueueOptions,
): Queue {
  let QueueUrl: string | undefined;
  const removed: SqsMessage[] = [];
  let timer: NodeJS.Timeout | undefined;
  let deleting = Promise.resolve();
  const receive = async (WaitTimeSeconds: number, abortSignal?: AbortSignal) => {
    const startTime = Date.now();
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: callMessages,
      WaitTimeSeconds,
      VisibilityTimeout: visibilitySeconds,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["SentTimestamp"],
    });
    const { Messages = [] } = await sqs.send(command, abortSignal === undefined ? {} : { abortSignal });
    recordReceive(name, Messages, startTime);
    return Messages;
  };
  const hold = async (messages: readonly SqsMessage[]) => {
    const calls = inCalls(messages).map(async call => {
      const Entries = call.map(entry => ({ ...entry, VisibilityTimeout: visibilitySeconds }));
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries });
      requireAll(await sqs.send(command, { requestTimeout: answerMs }));
    });
    await Promise.all(calls).catch(onFailure);
  };
  const deleteAll = async (messages: readonly SqsMessage[]) => {
    const calls = inCalls(messages).map(async Entries => {
      const command = new DeleteMessageBatchCommand({ QueueUrl, Entries });
      requireAll(await sqs.send(command, { requestTimeout: answerMs }));
    });
    await Promise.all(calls);
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const last = deleteAll(removed.splice(0)).catch(onFailure);
    deleting = Promise.all([deleting, last]).then(() => {});
    return deleting;
  };
  return {
    async receive(most, waitSeconds, signal) {
      QueueUrl ??= await urlOf(name, sqs, signal);
      const first = await receive(waitSeconds, signal);
      if (first.length < callMessages || most <= callMessages) {
        return first;
      }
      const more = Array.from({ length: most / callMessages - 1 }, () => receive(0));
      // Where one fails, what others brought is handled nevertheless.
      const answers = await Promise.allSettled(more);
      return [...first, ...answers.flatMap(each => (each.status === "fulfilled" ? each.value : []))];
    },
    async holdWhile(messages, work) {
      const intervalMs = Math.max(1, Math.floor(visibilitySeconds / 2) - 1) * 1000;
      const heartbeat = setInterval(() => void hold(messages), intervalMs);
      try {
        await work();
      } finally {
        clearInterval(heartbeat);
      }
    },
    async remove(messages) {
      removed.push(...messages);
      const full = removed.splice(0, removed.length - (removed.length % callMessages));
      if (removed.length > 0) {
        timer ??= setTimeout(flush, deleteDelayMs);
      }
      await deleteAll(full);
    },
    flush,
  };
}

async function urlOf(name: string, sqs: SQSClient, abortSignal: AbortSignal): Promise<string | undefined> {
  const command = new GetQueueUrlCommand({ QueueName: name });
  return (await sqs.send(command, { abortSignal, requestTimeout: answerMs })).QueueUrl;
}

function inCalls(messages: readonly SqsMessage[]) {
  const entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  const calls = Math.ceil(entries.length / callMessages);
  return Array.from({ length: calls }, (_, index) =>
    entries.slice(index * callMessages, (index + 1) * callMessages),
  );
}

function requireAll({
  Failed: [first] = [],
}: {
  readonly Failed?: BatchResultErrorEntry[] | undefined;
}): void {
  if (first !== undefined) {
    throw new Error(`${first.Code}: ${first.Message ?? ""}`);
  }
}
