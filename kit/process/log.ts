import { trace } from "@opentelemetry/api";
import { type LogFn, type Logger, pino, stdSerializers } from "pino";
import { createLineLimit, type Line, type LineLimit } from "#kit/process/limit-lines.ts";

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

// What the driver and Sequelize attach to an error: statements, and values that may be secrets.
const statementFields: ReadonlySet<string> = new Set([
  "sql",
  "sqlMessage",
  "parameters",
  "parent",
  "original",
]);

/** What a log says about an error: no statement and no value of a database. */
function describeError(error: Error) {
  const { message, stack, ...fields } = stdSerializers.err(error);
  const shown = Object.entries(fields).filter(([name]) => !statementFields.has(name));
  return { ...Object.fromEntries(shown), message: hideEntry(message), stack: hideEntry(stack) };
}

function hideEntry(text: string): string {
  return text.replace(/Duplicate entry '.*?' for key/gs, "Duplicate entry for key");
}

/** Writes a line unless there are too many like it. */
function limitLines(mayWrite: LineLimit) {
  return function write(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
    const [fields, message] = args as unknown[];
    const report = (line: Line) => method.call(this, line.fields, line.message);
    if (!isRecord(fields) || typeof message !== "string" || mayWrite({ fields, message }, report)) {
      method.apply(this, args);
    }
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A JSON log of one service; every line carries the trace it belongs to. An outage writes a bounded number of them. */
export function createLog(service: string, level: string): Logger {
  return pino({
    hooks: { logMethod: limitLines(createLineLimit()) },
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
