import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** The metrics of one service. */
export interface Metrics {
  readonly registry: Registry;
  readonly calls: Histogram<"method" | "code" | "protocol">;
  readonly published: Counter<"topic" | "result">;
  readonly consumed: Counter<"event" | "result">;
  readonly outboxPending: Gauge;
  readonly outboxParked: Gauge;
  readonly jobRuns: Counter<"job" | "result">;
}

const latencySeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** One registry per service, so that several may live in one process. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    calls: new Histogram({
      name: "rpc_server_duration_seconds",
      help: "Time from the arrival of a call to its answer.",
      labelNames: ["method", "code", "protocol"],
      buckets: latencySeconds,
      registers,
    }),
    published: new Counter({
      name: "outbox_published_total",
      help: "Attempts to publish an event, by topic and result.",
      labelNames: ["topic", "result"],
      registers,
    }),
    consumed: new Counter({
      name: "events_consumed_total",
      help: "Deliveries of an event, by result: done, duplicate or failed.",
      labelNames: ["event", "result"],
      registers,
    }),
    outboxPending: new Gauge({
      name: "outbox_pending",
      help: "Events that wait to be published.",
      registers,
    }),
    outboxParked: new Gauge({
      name: "outbox_parked",
      help: "Events that were given up after too many attempts.",
      registers,
    }),
    jobRuns: new Counter({
      name: "job_runs_total",
      help: "Runs of background jobs, by result.",
      labelNames: ["job", "result"],
      registers,
    }),
  };
}
