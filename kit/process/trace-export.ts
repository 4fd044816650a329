import { hostname } from "node:os";
import grpc from "@grpc/grpc-js";
import { type Tracer, type TracerProvider, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TracerProvider as SdkTracerProvider,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import {
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_NAMESPACE,
} from "@opentelemetry/semantic-conventions";
import { toExportedSpan } from "#kit/process/exported-span.ts";
import { currentServiceName } from "#kit/process/service-name.ts";
import { exportSpans } from "#kit/process/span.ts";
import { traceStores } from "#kit/process/store-spans.ts";

export interface TraceExportOptions {
  /** The service name of spans outside of any service. */
  readonly processName: string;
  /** The longest time before a span is sent. */
  readonly batchDelayMs: number;
  /** The share of new traces that is recorded; for an incoming trace its sender has decided. */
  readonly sampleRatio: number;
}

/** Records spans and sends them over OTLP. Returns a function that sends the rest and stops. */
export function startTraceExport(options: TraceExportOptions): () => Promise<void> {
  const batch = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    scheduledDelayMillis: options.batchDelayMs,
  });
  trace.setGlobalTracerProvider(createProviderByService(exportThrough(batch), options));
  instrumentGrpc();
  exportSpans();
  traceStores();
  return () => batch.shutdown();
}

// Patched here instead of by a hook on loaded modules, which a bundle has none of. Classes are patched in place; of the
// exports a copy, because they are read-only.
function instrumentGrpc(): void {
  const instrumentation = new GrpcInstrumentation({
    enabled: false,
    ignoreGrpcMethods: ["Check", "Watch", "ServerReflectionInfo"],
  });
  for (const { patch } of instrumentation.getModuleDefinitions()) {
    patch?.({ ...grpc });
  }
}

function exportThrough(batch: SpanProcessor): SpanProcessor {
  return {
    onStart() {},
    onEnd: span => batch.onEnd(toExportedSpan(span)),
    forceFlush: () => batch.forceFlush(),
    shutdown: () => batch.shutdown(),
  };
}

// The identity of a service is its provider's resource, so each service has a provider; all share one exporter.
function createProviderByService(
  processor: SpanProcessor,
  { processName, sampleRatio }: TraceExportOptions,
): TracerProvider {
  const shared = defaultResource().merge(detectResources({ detectors: [resourceAttributesEnvDetector] }));
  const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) });
  const providers = new Map<string, TracerProvider>();
  const current = () => {
    const name = currentServiceName() ?? processName;
    const provider = providers.get(name) ?? open(name);
    providers.set(name, provider);
    return provider;
  };
  const open = (name: string) =>
    new SdkTracerProvider({
      resource: shared.merge(
        resourceFromAttributes({
          [ATTR_SERVICE_NAME]: name,
          [ATTR_SERVICE_NAMESPACE]: "questioncloud",
          [ATTR_SERVICE_INSTANCE_ID]: `${name}@${hostname()}:${process.pid}`,
        }),
      ),
      sampler,
      spanProcessors: [processor],
    });
  return {
    getTracer(...scope) {
      const tracer = () => current().getTracer(...scope);
      return {
        startSpan: (...args) => tracer().startSpan(...args),
        startActiveSpan: (...args: Parameters<Tracer["startActiveSpan"]>) =>
          tracer().startActiveSpan(...args),
      } as Tracer;
    },
  };
}
