import { create, type DescMessage, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import { context, propagation } from "@opentelemetry/api";
import { v7 as uuidv7 } from "uuid";
import type { Tx } from "#kit/database.ts";
import { maxEventBytes, topicOf } from "#kit/event.ts";
import { validate } from "#kit/validation.ts";

/** Writes events beside the state they tell of. */
export interface Outbox {
  /** Adds an event to the transaction; it is published after the commit, at least once. Returns the event id. */
  append<Desc extends DescMessage>(tx: Tx, schema: Desc, event: MessageInitShape<Desc>): Promise<string>;
}

/** Makes an outbox; `wake` is called after each commit that appended something. */
export function createOutbox(wake: () => void): Outbox {
  return {
    async append(tx, schema, event) {
      const message = validate(schema, create(schema, event));
      const body = escapeForQueues(toJsonString(schema, message));
      if (Buffer.byteLength(body) > maxEventBytes) {
        throw new Error(`${schema.typeName} exceeds ${maxEventBytes} bytes`);
      }
      const eventId = uuidv7();
      await tx.execute(
        "INSERT INTO outbox (event_id, topic, type, body, traceparent) VALUES (?, ?, ?, ?, ?)",
        [eventId, topicOf(schema), schema.typeName, body, currentTraceparent()],
      );
      tx.afterCommit(wake);
      return eventId;
    },
  };
}

// SQS refuses two characters, and its emulator all beyond the basic plane; in JSON they may be written as escapes.
function escapeForQueues(json: string): string {
  return json.replace(/[\ud800-\udfff\ufffe\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16)}`);
}

function currentTraceparent(): string | null {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? null;
}
