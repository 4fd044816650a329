import type { Stack } from "#dev/stack/stack.ts";
import { ownSecrets, requireNoSecrets } from "../stores/secrets.ts";
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
  if (started === undefined) {
    return;
  }
  const { stack, collector } = await started;
  const own = await ownSecrets(stack);
  await stack.stop();
  await collector.stop();
  await requireNoSecrets(own, [collector.spans.map(span => ["spans", JSON.stringify(span)] as const)]);
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
