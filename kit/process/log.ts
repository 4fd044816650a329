import { trace } from "@opentelemetry/api";
import { type Logger, pino, type SerializedError, stdSerializers } from "pino";

export type { Logger } from "pino";

/** Names of fields that never reach a log, in the first three levels of nesting. */
export const unloggedFields = [
  "authorization",
  "cookie",
  "password",
  "currentPassword",
  "newPassword",
  "accessToken",
  "refreshToken",
  "token",
  "email",
  "phone",
  "paymentKey",
] as const;

/** What a log says about an error: no statement and no value, which may be a secret, of a database. */
function describeError(error: Error) {
  const {
    sql: _,
    parameters: __,
    parent: ___,
    original: ____,
    sqlMessage: _____,
    ...known
  } = stdSerializers.err(error) as SerializedError & Record<string, unknown>;
  return { ...known, message: hideEntry(known.message), stack: hideEntry(known.stack) };
}

function hideEntry(text: string): string {
  return text.replace(/Duplicate entry '.*?' for key/gs, "Duplicate entry for key");
}

/** A JSON log of one service; every line carries the trace it belongs to. */
export function createLog(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }) },
    serializers: { err: describeError },
    redact: {
      paths: unloggedFields.flatMap(field => [field, `*.${field}`, `*.*.${field}`]),
      censor: "[redacted]",
    },
    mixin: () => {
      const context = trace.getActiveSpan()?.spanContext();
      return context === undefined ? {} : { traceId: context.traceId, spanId: context.spanId };
    },
  });
}
