import { randomUUID } from "node:crypto";
import { trace } from "@opentelemetry/api";
import {
  type PurchaseCancelled,
  PurchaseCancelledSchema,
} from "../../../gen/questioncloud/pay/v1/events_pb.ts";
import { type Hearing, hear } from "../../../kit/consumer.ts";
import type { Database, Tx } from "../../../kit/database.ts";
import { createOutbox } from "../../../kit/outbox.ts";

/** Appends events, each in a transaction of its own, and returns their ids. `reasonOf` fills the one free field. */
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

/** Hears the event and writes an effect that a second one would not replace; `first` runs before it. */
export function hearingOf(
  first: (tx: Tx, event: PurchaseCancelled) => Promise<void> = async () => {},
): Hearing {
  return hear(PurchaseCancelledSchema, async (tx, event, eventId) => {
    await first(tx, event);
    const traceId = trace.getActiveSpan()?.spanContext().traceId ?? null;
    await tx.execute("INSERT INTO effect (event_id, subject, trace_id) VALUES (?, ?, ?)", [
      eventId,
      event.reason,
      traceId,
    ]);
  });
}

export interface Effect {
  readonly event_id: string;
  readonly subject: string;
  readonly trace_id: string | null;
}

/** The effects of the given events, one for each time it took place. */
export function effectsOf(database: Database, eventIds: readonly string[]): Promise<Effect[]> {
  return database.query<Effect>("SELECT event_id, subject, trace_id FROM effect WHERE event_id IN (?)", [
    eventIds,
  ]);
}

export interface OutboxRow {
  readonly event_id: string;
  readonly state: string;
  readonly attempts: number;
  readonly last_error: string | null;
}

/** The rows of the given events in the order in which they were appended. */
export function outboxRowsOf(database: Database, eventIds: readonly string[]): Promise<OutboxRow[]> {
  return database.query<OutboxRow>(
    "SELECT event_id, state, attempts, last_error FROM outbox WHERE event_id IN (?) ORDER BY outbox_id",
    [eventIds],
  );
}
