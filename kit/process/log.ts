import { trace } from "@opentelemetry/api";
import { type Logger, pino } from "pino";

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

/** A JSON log of one service; every line carries the trace it belongs to. */
export function createLog(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }) },
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
