import {
  type Attributes,
  type Context,
  context,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TimeInput,
  trace,
} from "@opentelemetry/api";
import { ATTR_ERROR_TYPE } from "@opentelemetry/semantic-conventions";

const tracer = trace.getTracer("questioncloud");

interface SpanDetails {
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly parent?: Context;
  readonly links?: Link[];
}

/** Runs `work` in its own span and ends the span. Work that fails must call `failSpan` itself. */
export function inSpan<T>(name: string, details: SpanDetails, work: (span: Span) => Promise<T>): Promise<T> {
  return inOwnSpan(name, details, async span => {
    try {
      return await work(span);
    } finally {
      span.end();
    }
  });
}

/** Runs `work` in its own span, which `work` ends. */
export function inOwnSpan<T>(
  name: string,
  { parent = context.active(), ...options }: SpanDetails,
  work: (span: Span) => T,
): T {
  return tracer.startActiveSpan(name, options, parent, work);
}

/** Starts a span that lasts until its `end`; `run` runs something in it. */
export function openSpan(
  name: string,
  { parent = context.active(), ...options }: SpanDetails,
): { readonly span: Span; run<T>(work: () => T): T } {
  const span = tracer.startSpan(name, options, parent);
  const inside = trace.setSpan(parent, span);
  return { span, run: work => context.with(inside, work) };
}

/** Records a span that started at `startTime` and ends now. */
export function addSpan(name: string, startTime: TimeInput, { parent, ...options }: SpanDetails): void {
  tracer.startSpan(name, { ...options, startTime }, parent).end();
}

/** Starts the client span of a remote operation, as a child of the active span. */
export function startClientSpan(name: string, attributes: Attributes): Span {
  return tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes });
}

/**
 * True within a trace whose spans are exported. Stores are polled all the time, so only operations within such a
 * trace get a span.
 */
export function isRecording(): boolean {
  return trace.getActiveSpan()?.isRecording() ?? false;
}

let exported = false;

/** Says that spans leave this process. */
export function exportSpans(): void {
  exported = true;
}

/** True where a new span would be exported: spans are, and the running trace is recorded, or there is none yet. */
export function isExporting(): boolean {
  return exported && (trace.getActiveSpan()?.isRecording() ?? true);
}

/** Marks a span as failed; `type` has few values, such as a code, and is never a message. */
export function failSpan(span: Span, type: string): void {
  span.setAttribute(ATTR_ERROR_TYPE, type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The trace that came with a call or a message, as the parent of what follows from it. */
export function remoteContext(traceparent: string | null | undefined, tracestate?: string | null): Context {
  return traceparent ? propagation.extract(ROOT_CONTEXT, { traceparent, tracestate }) : ROOT_CONTEXT;
}

/** The trace headers of the running code, for what it sends. */
export function traceHeaders(): { readonly traceparent?: string; readonly tracestate?: string } {
  const headers = {};
  propagation.inject(context.active(), headers);
  return headers;
}
