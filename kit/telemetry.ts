import { register } from "node:module";
import { propagation, trace } from "@opentelemetry/api";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { NodeSDK } from "@opentelemetry/sdk-node";

// Loaded with `node --import` before anything else, because ES modules can only be instrumented while they are loaded. Spans are exported
// over OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set; trace ids travel and stand in the logs in any case.
register("import-in-the-middle/hook.mjs", import.meta.url);

const exports = process.env.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined;
const sdk = new NodeSDK({
  serviceName: process.env.OTEL_SERVICE_NAME ?? "questioncloud",
  instrumentations: [new GrpcInstrumentation()],
  ...(exports ? {} : { spanProcessors: [] }),
});
sdk.start();

const farewellMs = 2000;

/** Sends what is still waiting, and waits no longer than two seconds for a collector. */
export async function stopTelemetry(): Promise<void> {
  const limit = new Promise<void>(resolve => setTimeout(resolve, farewellMs).unref());
  await Promise.race([sdk.shutdown().catch(() => {}), limit]);
  trace.disable();
  propagation.disable();
}
