import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import * as z from "zod";
import { integer, optionalUrl, text, variable } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { runAsService } from "#kit/process/service-name.ts";
import { createTraceIdProvider } from "#kit/process/trace-ids.ts";

// Loaded with `node --import` before anything else. Spans are exported where an OTLP endpoint is set; otherwise
// nothing is instrumented, and traces are ids that are passed on and logged.

/** How traces are exported; the exporter reads the rest of OTEL_EXPORTER_OTLP_* itself. */
export const telemetryConfig = {
  endpoint: optionalUrl("OTEL_EXPORTER_OTLP_ENDPOINT"),
  tracesEndpoint: optionalUrl("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
  processName: text("OTEL_SERVICE_NAME", { fallback: "questioncloud" }),
  batchDelayMs: integer("OTEL_BSP_SCHEDULE_DELAY", { min: 1, max: 600_000, fallback: 5000 }),
  sampleRatio: variable(
    "OTEL_TRACES_SAMPLER_ARG",
    "a number from 0 to 1",
    z.coerce.number().min(0).max(1).default(1),
  ),
};

const flushLimitMs = 2000;

const { endpoint, tracesEndpoint, ...exportOptions } = readConfig(process.env, telemetryConfig);
const isExporting = endpoint !== undefined || tracesEndpoint !== undefined;
const stopExport = await start();

async function start(): Promise<() => Promise<void>> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  if (!isExporting) {
    trace.setGlobalTracerProvider(createTraceIdProvider());
    return async () => {};
  }
  const { startTraceExport } = await import("#kit/process/trace-export.ts");
  return startTraceExport(exportOptions);
}

/** Runs `start` as a service, so that its spans name it, however many services share the process. */
export function withServiceName<T>(name: string, start: () => T): T {
  return isExporting ? runAsService(name, start) : start();
}

/** Sends the buffered spans; waits at most two seconds for a collector. */
export async function stopTelemetry(): Promise<void> {
  const limit = new Promise<void>(resolve => setTimeout(resolve, flushLimitMs).unref());
  await Promise.race([stopExport().catch(() => {}), limit]);
  trace.disable();
  propagation.disable();
}
