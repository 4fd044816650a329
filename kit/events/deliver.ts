import type { Message as SqsMessage } from "@aws-sdk/client-sqs";
import type { Message } from "@bufbuild/protobuf";
import { consume, readEvent } from "#kit/events/consume.ts";
import type { ConsumerOptions, ReceivedEvent, Subscription } from "#kit/events/consumer.ts";
import { type Delivery, inBatch, openDelivery } from "#kit/events/delivery-telemetry.ts";

type DeliverOptions = Pick<ConsumerOptions, "service" | "database" | "log" | "metrics">;

/** A delivery whose message could be read. */
interface Readable extends ReceivedEvent {
  readonly delivery: Delivery;
}

const transactionsAtOnce = 5;

/**
 * Handles messages of a queue: together where the handler takes batches, or each alone where that fails, so that a
 * message that cannot be handled costs only itself. Returns those that were handled; the others are left for
 * redelivery.
 */
export async function deliver(
  subscription: Subscription,
  queue: string,
  messages: readonly SqsMessage[],
  options: DeliverOptions,
): Promise<SqsMessage[]> {
  const event = subscription.event.typeName;
  const readable = messages.flatMap((message): Readable[] => {
    const delivery = openDelivery({ subscriber: options.service, queue, event, message }, options);
    const { eventId, inTrace } = delivery;
    try {
      return [{ eventId, inTrace, delivery, event: read(subscription, delivery) }];
    } catch (error) {
      delivery.failed(error);
      return [];
    }
  });
  const handled: SqsMessage[] = [];
  const worker = async () => {
    while (readable.length > 0) {
      const batch = readable.splice(0, subscription.transactionEvents);
      handled.push(...(await deliverBatch(subscription, queue, batch, options)));
    }
  };
  await Promise.all(Array.from({ length: transactionsAtOnce }, worker));
  return handled;
}

async function deliverBatch(
  subscription: Subscription,
  queue: string,
  batch: readonly Readable[],
  options: DeliverOptions,
): Promise<SqsMessage[]> {
  const handleTogether = async (some: readonly Readable[]) => {
    const handled = new Set(await consume(subscription, queue, some, options.database));
    for (const each of some) {
      each.delivery.handled(handled.has(each) ? "done" : "duplicate");
    }
    return some.map(({ delivery }) => delivery.message);
  };
  const deliveries = batch.map(({ delivery }) => delivery);
  try {
    return await inBatch(queue, deliveries, () => handleTogether(batch));
  } catch (error) {
    return handleAlone(batch, error, subscription, options, handleTogether);
  }
}

function read(subscription: Subscription, { eventId, message }: Delivery): Message {
  return readEvent(subscription, eventId, message.Body ?? "");
}

async function handleAlone(
  readable: readonly Readable[],
  batchError: unknown,
  subscription: Subscription,
  options: DeliverOptions,
  handleTogether: (some: readonly Readable[]) => Promise<SqsMessage[]>,
): Promise<SqsMessage[]> {
  const isHopeless = async () =>
    readable.length === 1 ||
    (await requireAvailable(subscription, options).then(
      () => false,
      () => true,
    ));
  const handled: SqsMessage[] = [];
  let hopeless = await isHopeless();
  for (const each of readable) {
    try {
      if (hopeless) {
        throw batchError;
      }
      handled.push(...(await each.inTrace(() => handleTogether([each]))));
    } catch (error) {
      each.delivery.failed(error);
      hopeless ||= await isHopeless();
    }
  }
  return handled;
}

/** Rejects while a store that a subscriber writes to is unavailable, or takes no writes. */
export async function requireAvailable(
  { ready }: Subscription,
  { database }: Pick<DeliverOptions, "database">,
): Promise<void> {
  await database.requireWritable();
  await ready?.();
}
