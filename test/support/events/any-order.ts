import { randomInt } from "node:crypto";
import type { DescMessage } from "@bufbuild/protobuf";
import type { Database } from "#kit/data/database.ts";
import { consume } from "#kit/events/consume.ts";
import type { Subscription } from "#kit/events/consumer.ts";

/** An event as it is delivered. */
interface Delivery {
  readonly eventId: string;
  readonly body: string;
}

/** The events of a type that a service published, in the order in which they were appended. */
export function publishedBy(database: Database, event: DescMessage): Promise<Delivery[]> {
  return database.query<Delivery>("SELECT event_id, body FROM outbox WHERE type = ? ORDER BY outbox_id", [
    event.typeName,
  ]);
}

const atOnce = 8;

/**
 * Delivers each event twice, in random order and several at a time. Half of the second deliveries carry an event id
 * of their own, as if the inbox had forgotten the first.
 */
export async function deliverInAnyOrder(
  events: readonly Delivery[],
  subscription: Subscription,
  database: Database,
): Promise<void> {
  const again = events.map((event, index) => (index % 2 === 0 ? renamed(event) : event));
  const waiting = shuffle([...events, ...again]).values();
  const lane = async () => {
    for (const { eventId, body } of waiting) {
      await consume(subscription, "any-order", eventId, body, database);
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
