import { randomInt } from "node:crypto";
import type { DescMessage } from "@bufbuild/protobuf";
import type { Database } from "#kit/data/database.ts";
import type { Subscription } from "#kit/events/consumer.ts";
import { consumeTogether, type Delivery } from "./consume-one.ts";

/** The events of a type that a service published, in the order in which they were appended. */
export function publishedBy(database: Database, event: DescMessage): Promise<Delivery[]> {
  return database.query<Delivery>("SELECT event_id, body FROM outbox WHERE type = ? ORDER BY outbox_id", [
    event.typeName,
  ]);
}

const atOnce = 8;

/**
 * Delivers each event twice, in random order, and in batches of random sizes, several at a time. Half of the second
 * deliveries carry an event id of their own, as if the inbox had forgotten the first.
 */
export async function deliverInAnyOrder(
  events: readonly Delivery[],
  subscription: Subscription,
  database: Database,
): Promise<void> {
  const again = events.map((event, index) => (index % 2 === 0 ? renamed(event) : event));
  const waiting = shuffle([...events, ...again]);
  const lane = async () => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, 1 + randomInt(subscription.transactionEvents));
      await consumeTogether(subscription, "any-order", batch, database);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

function renamed({ body }: Delivery): Delivery {
  return { eventId: crypto.randomUUID(), body };
}

function shuffle<Item>(items: readonly Item[]): Item[] {
  return items
    .map(item => ({ item, place: randomInt(2 ** 32) }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
