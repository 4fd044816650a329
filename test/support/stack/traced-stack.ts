import type { Stack } from "#dev/stack/stack.ts";
import { type OtlpReceiver, startOtlpReceiver } from "./otlp.ts";
import { startTestStack } from "./stack.ts";

/** All services in one process, with a collector of the spans that they and the gateway export. */
interface TracedStack {
  readonly stack: Stack;
  readonly collector: OtlpReceiver;
}

let shared: Promise<TracedStack> | undefined;

/** The traced stack that test files share, started on first use. */
export function tracedStack(): Promise<TracedStack> {
  shared ??= startTracedStack();
  return shared;
}

/** Stops the traced stack, if it runs; the next use starts a new one. */
export async function stopTracedStack(): Promise<void> {
  const started = shared;
  shared = undefined;
  const { stack, collector } = (await started) ?? {};
  await stack?.stop();
  await collector?.stop();
}

// At the latest at the end of the run.
after(stopTracedStack);

async function startTracedStack(): Promise<TracedStack> {
  const collector = await startOtlpReceiver();
  const stack = await startTestStack({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl,
      OTEL_BSP_SCHEDULE_DELAY: "100",
      GATEWAY_OTEL_ADDRESS: collector.grpcAddress,
      LOG_LEVEL: "debug",
    },
  });
  return { stack, collector };
}
