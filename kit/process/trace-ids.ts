import { randomFillSync } from "node:crypto";
import {
  type Context,
  context,
  type Span,
  type SpanContext,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";

/**
 * Spans that only have ids, for a process that exports none: logs, answers and outgoing calls still carry the trace
 * id. An incoming trace is continued unchanged.
 */
export function createTraceIdProvider(): TracerProvider {
  const tracer = { startSpan, startActiveSpan } as Tracer;
  return { getTracer: () => tracer };
}

function startSpan(_name: string, options: SpanOptions = {}, parent = context.active()): Span {
  const inherited = options.root ? undefined : trace.getSpan(parent);
  return inherited ?? trace.wrapSpanContext(newSpanContext());
}

function startActiveSpan(name: string, ...rest: unknown[]): unknown {
  const work = rest.pop() as (span: Span) => unknown;
  const [options, parent = context.active()] = rest as [SpanOptions?, Context?];
  const span = startSpan(name, options, parent);
  const inside = trace.getSpan(parent) === span ? parent : trace.setSpan(parent, span);
  return context.with(inside, work, undefined, span);
}

const idBytes = 24;
// Taken from the system for many ids at once.
const pool = Buffer.alloc(256 * idBytes);
let taken = pool.length;

// Not sampled: what a callee would record could not be joined to a span of ours.
function newSpanContext(): SpanContext {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  const id = pool.toString("hex", taken, taken + idBytes);
  taken += idBytes;
  return { traceId: id.slice(0, 32), spanId: id.slice(32), traceFlags: TraceFlags.NONE };
}
