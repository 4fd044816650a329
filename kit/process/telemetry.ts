import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { z } from "zod";
import { integer, optionalUrl, readConfig, text, variable } from "#kit/process/config.ts";
import { createTraceIdProvider } from "#kit/process/trace-ids.ts";

// Loaded with `node --import` before anything else. Spans are exported where an OTLP endpoint is set; otherwise
// nothing is instrumented, and traces are ids that are passed on and logged.

/** How traces are exported; the exporter reads the rest of OTEL_EXPORTER_OTLP_* itself. */
const telemetryConfig = {
  endpoint: optionalUrl("OTEL_EXPORTER_OTLP_ENDPOINT"),
  tracesEndpoint: optionalUrl("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
  processName: text("OTEL_SERVICE_NAME", { fallback: "questioncloud" }),
  batchDelayMs: integer("OTEL_BSP_SCHEDULE_DELAY", { min: 1, max: 600_000, fallback: 5000 }),
  sampleRatio: variable("OTEL_TRACES_SAMPLER_ARG", z.coerce.number().min(0).max(1).default(1)),
};

const flushLimitMs = 2000;

const stopExport = await start();

async function start(): Promise<() => Promise<void>> {
  const { endpoint, tracesEndpoint, ...options } = readConfig(process.env, telemetryConfig);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  if (endpoint === undefined && tracesEndpoint === undefined) {
    trace.setGlobalTracerProvider(createTraceIdProvider());
    return async () => {};
  }
  const { startTraceExport } = await import("#kit/process/trace-export.ts");
  return startTraceExport(options);
}

/** Sends the spans that are still buffered; waits no longer than two seconds for a collector. */
export async function stopTelemetry(): Promise<void> {
  const limit = new Promise<void>(resolve => setTimeout(resolve, flushLimitMs).unref());
  await Promise.race([stopExport().catch(() => {}), limit]);
  trace.disable();
  propagation.disable();
}
