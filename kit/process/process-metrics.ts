import { monitorEventLoopDelay } from "node:perf_hooks";
import {
  METRIC_NODEJS_EVENTLOOP_DELAY_MAX,
  METRIC_NODEJS_EVENTLOOP_DELAY_P50,
  METRIC_NODEJS_EVENTLOOP_DELAY_P90,
  METRIC_NODEJS_EVENTLOOP_DELAY_P99,
} from "@opentelemetry/semantic-conventions/incubating";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { prometheusName } from "#kit/process/prometheus-name.ts";

/** Starts to measure this process: CPU, memory, garbage collection, handles and the delay of its event loop. */
export function collectProcessMetrics(): Registry {
  const registry = new Registry();
  // prom-client's own event loop metrics have other names: their monitor is slowed down, and they are removed.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 3_600_000 });
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith("nodejs_eventloop_lag")) {
      registry.removeSingleMetric(name);
    }
  }
  measureEventLoopDelay(registry);
  return registry;
}

const resolutionMs = 10;

type Delays = ReturnType<typeof monitorEventLoopDelay>;

const delays: readonly [name: string, what: string, read: (delays: Delays) => number][] = [
  [METRIC_NODEJS_EVENTLOOP_DELAY_P50, "Median", histogram => histogram.percentile(50)],
  [METRIC_NODEJS_EVENTLOOP_DELAY_P90, "90th percentile", histogram => histogram.percentile(90)],
  [METRIC_NODEJS_EVENTLOOP_DELAY_P99, "99th percentile", histogram => histogram.percentile(99)],
  [METRIC_NODEJS_EVENTLOOP_DELAY_MAX, "Maximum", ({ max }) => max],
];

function measureEventLoopDelay(registry: Registry): void {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  const gauges = delays.map(([name, what, read]) => ({
    read,
    gauge: new Gauge({
      name: `${prometheusName(name)}_seconds`,
      help: `${what} of the event loop's delay since the last scrape.`,
      registers: [registry],
      collect: name === METRIC_NODEJS_EVENTLOOP_DELAY_P50 ? collectAll : () => {},
    }),
  }));
  function collectAll(): void {
    for (const { gauge, read } of gauges) {
      // Node.js measures the time between two ticks of a timer, so the timer's own period is subtracted.
      gauge.set(Math.max(0, read(histogram) / 1e6 - resolutionMs) / 1000);
    }
    histogram.reset();
  }
}
