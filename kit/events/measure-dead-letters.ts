import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { deadLetterQueueOf } from "#kit/contract/event.ts";
import type { Logger } from "#kit/process/log.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import { createOutageLog } from "#kit/process/outage-log.ts";

/**
 * Asks how many events are in the dead letter queues behind `queues`. A count of last deliveries would miss the events
 * of a process that died with them, and would not fall when they are redriven.
 */
export function measureDeadLetters(
  queues: readonly string[],
  { sqs, metrics, log }: Dependencies,
): (signal: AbortSignal) => Promise<boolean> {
  const outage = createOutageLog(log, "dead letter queues");
  return async abortSignal => {
    try {
      for (const queue of queues) {
        const deadLetters = await countMessages(sqs, deadLetterQueueOf(queue), abortSignal);
        metrics.deadLetters.set({ messaging_destination_name: queue }, deadLetters);
      }
      outage.recovered();
    } catch (error) {
      if (!abortSignal.aborted) {
        outage.failed(error);
      }
    }
    return false;
  };
}

async function countMessages(sqs: SQSClient, queue: string, abortSignal: AbortSignal): Promise<number> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }), { abortSignal });
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
    { abortSignal },
  );
  return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
}

interface Dependencies {
  readonly sqs: SQSClient;
  readonly metrics: Metrics;
  readonly log: Logger;
}
