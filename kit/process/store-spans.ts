import { tracingChannel } from "node:diagnostics_channel";
import type { Attributes, Span } from "@opentelemetry/api";
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
} from "@opentelemetry/semantic-conventions";
import {
  DB_SYSTEM_NAME_VALUE_MONGODB,
  DB_SYSTEM_NAME_VALUE_REDIS,
} from "@opentelemetry/semantic-conventions/incubating";
import { failSpan, isRecording, startClientSpan } from "#kit/process/span.ts";

/** Creates a span for each Redis command and each MongoDB query, from the diagnostics channels of their clients. */
export function traceStores(): void {
  trace<{ command: string }>("ioredis:command", ({ command }) => {
    const operation = command.toUpperCase();
    return [
      operation,
      { [ATTR_DB_SYSTEM_NAME]: DB_SYSTEM_NAME_VALUE_REDIS, [ATTR_DB_OPERATION_NAME]: operation },
    ];
  });
  for (const channel of ["mongoose:query", "mongoose:model:bulkWrite"]) {
    trace<{ operation: string; collection: string }>(channel, ({ operation, collection }) => [
      `${operation} ${collection}`,
      {
        [ATTR_DB_SYSTEM_NAME]: DB_SYSTEM_NAME_VALUE_MONGODB,
        [ATTR_DB_OPERATION_NAME]: operation,
        [ATTR_DB_COLLECTION_NAME]: collection,
      },
    ]);
  }
}

// Their messages also contain keys and filters, which no span may have.
function trace<Message extends object>(
  channel: string,
  describe: (message: Message) => [name: string, attributes: Attributes],
): void {
  const spans = new WeakMap<object, Span>();
  tracingChannel<unknown, Message>(channel).subscribe({
    start(message) {
      if (isRecording()) {
        spans.set(message, startClientSpan(...describe(message)));
      }
    },
    error(message) {
      const span = spans.get(message);
      const { error } = message;
      if (span !== undefined) {
        failSpan(span, error instanceof Error ? error.name : "unknown");
      }
    },
    asyncEnd(message) {
      spans.get(message)?.end();
    },
    end() {},
    asyncStart() {},
  });
}
