import { randomUUID } from "node:crypto";
import { trace } from "@opentelemetry/api";
import { type PurchaseCancelled, PurchaseCancelledSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { Database, Tx } from "#kit/data/database.ts";
import { type Subscription, subscribe } from "#kit/events/consumer.ts";
import { createOutbox } from "#kit/events/outbox.ts";

/** Appends events, each in its own transaction, and returns their ids. `reasonOf` gives the one field that is free. */
export async function appendEvents(
  database: Database,
  count: number,
  reasonOf: (index: number) => string = () => "REASON",
): Promise<string[]> {
  const outbox = createOutbox(() => {});
  const eventIds: string[] = [];
  for (let index = 0; index < count; index++) {
    const event = { purchaseId: randomUUID(), userId: 1n, reason: reasonOf(index) };
    eventIds.push(await database.transaction(tx => outbox.append(tx, PurchaseCancelledSchema, event)));
  }
  return eventIds;
}

/** A subscription that inserts a row for each time the event is handled; `first` runs before that. */
export function recordEffects(
  first: (tx: Tx, event: PurchaseCancelled) => Promise<void> = async () => {},
): Subscription {
  return subscribe(PurchaseCancelledSchema, async (tx, event, eventId) => {
    await first(tx, event);
    const traceId = trace.getActiveSpan()?.spanContext().traceId ?? null;
    await tx.execute("INSERT INTO effect (event_id, subject, trace_id) VALUES (?, ?, ?)", [
      eventId,
      event.reason,
      traceId,
    ]);
  });
}

interface Effect {
  readonly eventId: string;
  readonly subject: string;
  readonly traceId: string | null;
}

/** The effects of these events, one for each time that one was handled. */
export function effectsOf(database: Database, eventIds: readonly string[]): Promise<Effect[]> {
  return database.query<Effect>("SELECT event_id, subject, trace_id FROM effect WHERE event_id IN (?)", [
    eventIds,
  ]);
}

interface OutboxRow {
  readonly eventId: string;
  readonly state: string;
  readonly attempts: number;
  readonly lastError: string | null;
}

/** The outbox rows of these events, in the order in which they were appended. */
export function outboxRowsOf(database: Database, eventIds: readonly string[]): Promise<OutboxRow[]> {
  return database.query<OutboxRow>(
    "SELECT event_id, state, attempts, last_error FROM outbox WHERE event_id IN (?) ORDER BY outbox_id",
    [eventIds],
  );
}
