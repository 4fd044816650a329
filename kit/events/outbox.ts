import { create, type DescMessage, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import { SpanKind } from "@opentelemetry/api";
import {
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM_NAME,
  MESSAGING_OPERATION_TYPE_VALUE_CREATE,
  MESSAGING_SYSTEM_VALUE_AWS_SNS,
} from "@opentelemetry/semantic-conventions/incubating";
import { v7 as uuidv7 } from "uuid";
import { maxEventBytes, topicOf } from "#kit/contract/event.ts";
import { validate } from "#kit/contract/validation.ts";
import type { Tx } from "#kit/data/database.ts";
import { integer } from "#kit/process/config.ts";
import { inSpan, traceHeaders } from "#kit/process/span.ts";

/** How an outbox is published, and how long it stores what is published. */
export const outboxConfig = {
  pollMs: integer("OUTBOX_POLL_MS", { min: 10, max: 60_000, fallback: 1000 }),
  retryMs: integer("OUTBOX_RETRY_MS", { min: 10, max: 600_000, fallback: 1000 }),
  attemptsMax: integer("OUTBOX_ATTEMPTS_MAX", { min: 1, max: 1000, fallback: 12 }),
  keepDays: integer("OUTBOX_KEEP_DAYS", { min: 1, max: 365, fallback: 14 }),
};

/** Writes events in the transaction that changes the state they are about. */
export interface Outbox {
  /** Adds an event to the transaction; it is published after the commit, at least once. Returns the event id. */
  append<Desc extends DescMessage>(tx: Tx, schema: Desc, event: MessageInitShape<Desc>): Promise<string>;
}

/** Creates an outbox; `wake` is called after each commit that appended an event. */
export function createOutbox(wake: () => void): Outbox {
  return {
    async append(tx, schema, event) {
      const message = validate(schema, create(schema, event));
      const body = escapeForQueues(toJsonString(schema, message));
      if (Buffer.byteLength(body) > maxEventBytes) {
        throw new Error(`${schema.typeName} exceeds ${maxEventBytes} bytes`);
      }
      const eventId = uuidv7();
      const topic = topicOf(schema);
      const attributes = {
        [ATTR_MESSAGING_SYSTEM_NAME]: MESSAGING_SYSTEM_VALUE_AWS_SNS,
        [ATTR_MESSAGING_DESTINATION_NAME]: topic,
        [ATTR_MESSAGING_OPERATION_NAME]: MESSAGING_OPERATION_TYPE_VALUE_CREATE,
        [ATTR_MESSAGING_OPERATION_TYPE]: MESSAGING_OPERATION_TYPE_VALUE_CREATE,
        [ATTR_MESSAGING_MESSAGE_ID]: eventId,
      };
      // The relay and the subscribers continue the trace from this span.
      await inSpan(`create ${topic}`, { kind: SpanKind.PRODUCER, attributes }, () =>
        tx.deferred.execute(
          "INSERT INTO outbox (event_id, topic, type, body, traceparent) VALUES (?, ?, ?, ?, ?)",
          [eventId, topic, schema.typeName, body, traceHeaders().traceparent ?? null],
        ),
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
