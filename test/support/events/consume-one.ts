import type { Database } from "#kit/data/database.ts";
import { consume, readEvent } from "#kit/events/consume.ts";
import type { Subscription } from "#kit/events/consumer.ts";

/** An event as it is delivered. */
export interface Delivery {
  readonly eventId: string;
  readonly body: string;
}

/** Handles deliveries in one transaction, as a consumer does. Returns how many were not in the inbox. */
export async function consumeTogether(
  subscription: Subscription,
  consumer: string,
  deliveries: readonly Delivery[],
  database: Database,
): Promise<number> {
  const received = deliveries.map(({ eventId, body }) => ({
    eventId,
    event: readEvent(subscription, eventId, body),
    inTrace: <T>(work: () => Promise<T>) => work(),
  }));
  return (await consume(subscription, consumer, received, database)).length;
}

/** Handles one delivery. */
export async function consumeOne(
  subscription: Subscription,
  consumer: string,
  delivery: Delivery,
  database: Database,
): Promise<"done" | "duplicate"> {
  const handled = await consumeTogether(subscription, consumer, [delivery], database);
  return handled === 1 ? "done" : "duplicate";
}
