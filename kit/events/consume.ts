import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { validate } from "#kit/contract/validation.ts";
import { type Database, violatedKey } from "#kit/data/database.ts";
import type { Subscription } from "#kit/events/consumer.ts";
import { failpoint } from "#kit/process/failpoint.ts";

/** Handles one delivery: inbox row first, effect second, in one transaction. A repeated delivery changes nothing. */
export async function consume(
  subscription: Subscription,
  consumer: string,
  eventId: string,
  body: string,
  database: Database,
): Promise<"done" | "duplicate"> {
  const json = JSON.parse(body) as JsonValue;
  const event = validate(
    subscription.event,
    fromJson(subscription.event, json, { ignoreUnknownFields: true }),
  );
  if (!/^[0-9a-f-]{36}$/.test(eventId)) {
    throw new Error("the message has no event id");
  }
  await subscription.write?.(event);
  try {
    await database.transaction(async tx => {
      await tx.execute("INSERT INTO inbox (event_id, consumer) VALUES (?, ?)", [eventId, consumer]);
      await subscription.handle(tx, event, eventId);
      await failpoint("consumer.handled");
    });
  } catch (error) {
    if (violatedKey(error) === "PRIMARY" && (await isInInbox(database, eventId, consumer))) {
      return "duplicate";
    }
    throw error;
  }
  return "done";
}

async function isInInbox(database: Database, eventId: string, consumer: string): Promise<boolean> {
  const rows = await database.query("SELECT 1 FROM inbox WHERE event_id = ? AND consumer = ?", [
    eventId,
    consumer,
  ]);
  return rows.length > 0;
}
