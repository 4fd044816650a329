import { fromJson, type JsonValue, type Message } from "@bufbuild/protobuf";
import { validate } from "#kit/contract/validation.ts";
import type { Database, Queryable } from "#kit/data/database.ts";
import { insertNew } from "#kit/data/sql.ts";
import type { ReceivedEvent, Subscription } from "#kit/events/consumer.ts";
import { failpoint } from "#kit/process/failpoint.ts";

/** Reads the event in a message; throws where it breaks its contract. */
export function readEvent({ event }: Pick<Subscription, "event">, eventId: string, body: string): Message {
  const json = JSON.parse(body) as JsonValue;
  const message = validate(event, fromJson(event, json, { ignoreUnknownFields: true }));
  if (!/^[0-9a-f-]{36}$/.test(eventId)) {
    throw new Error("the message has no event id");
  }
  return message;
}

/**
 * Handles events together: inbox rows first, effects second, in one transaction. A repeated delivery changes nothing.
 * Returns the events that were not in the inbox.
 */
export async function consume<Received extends ReceivedEvent>(
  subscription: Subscription,
  consumer: string,
  received: readonly Received[],
  database: Database,
): Promise<readonly Received[]> {
  if (received.length === 0) {
    return [];
  }
  await subscription.write?.(received.map(({ event }) => event));
  const isConcerned = ({ event }: Received) => subscription.concerns(event);
  if (!received.some(isConcerned)) {
    await failpoint("consumer.handled");
    return addToInbox(database, consumer, received);
  }
  return database.transaction(async tx => {
    const added = await addToInbox(tx, consumer, received);
    const handled = added.filter(isConcerned);
    if (handled.length > 0) {
      await subscription.handle(tx, handled);
    }
    await failpoint("consumer.handled");
    return added;
  });
}

/** Inserts the inbox rows of events. Returns one event for each row that is new. */
async function addToInbox<Received extends ReceivedEvent>(
  to: Queryable,
  consumer: string,
  received: readonly Received[],
): Promise<Received[]> {
  // Of two deliveries of one event, one is handled.
  const byId = new Map(received.map(each => [each.eventId, each]));
  // Always in the same order, so that two batches with the same events cannot deadlock.
  const eventIds = [...byId.keys()].toSorted();
  const rows = eventIds.map(eventId => ({ eventId, consumer }));
  const added = await insertNew<{ eventId: string }>(to, "inbox", rows, ["eventId"]);
  return added.flatMap(({ eventId }) => byId.get(eventId) ?? []);
}
