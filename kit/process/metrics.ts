import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVICE_NAME,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
  METRIC_RPC_CLIENT_CALL_DURATION,
  METRIC_RPC_SERVER_CALL_DURATION,
} from "@opentelemetry/semantic-conventions";
import {
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_SERVER_SERVICE_NAME,
  METRIC_DB_CLIENT_CONNECTION_WAIT_TIME,
  METRIC_MESSAGING_CLIENT_SENT_MESSAGES,
  METRIC_MESSAGING_PROCESS_DURATION,
} from "@opentelemetry/semantic-conventions/incubating";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { collectProcessMetrics } from "#kit/process/process-metrics.ts";
import { prometheusName as named } from "#kit/process/prometheus-name.ts";

/** The metrics of one service. Names and labels are those of the semantic conventions where these have one. */
export type Metrics = ReturnType<typeof createMetrics>;

const latencySeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

/** A duration that is a bucket of the histograms, so that slower calls can be counted exactly. */
export type LatencySeconds = (typeof latencySeconds)[number];

const lagSeconds = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 86_400];

let processMetrics: Registry | undefined;

/**
 * One registry per service, so that several may share a process; the first of them shows the metrics of the process
 * as well.
 */
export function createMetrics(service: string) {
  const registry = new Registry();
  registry.setDefaultLabels({ [named(ATTR_SERVICE_NAME)]: service });
  const ofProcess = processMetrics === undefined ? collectProcessMetrics() : undefined;
  processMetrics ??= ofProcess;
  return {
    registry,
    contentType: registry.contentType,
    /** Everything that Prometheus reads from this service. */
    async scrape(): Promise<string> {
      return (await registry.metrics()) + ((await ofProcess?.metrics()) ?? "");
    },
    ...callMetrics([registry]),
    ...eventMetrics([registry]),
    ...backgroundMetrics([registry]),
  };
}

function callMetrics(registers: Registry[]) {
  return {
    calls: new Histogram({
      name: `${named(METRIC_RPC_SERVER_CALL_DURATION)}_seconds`,
      help: "Time from the arrival of a call to its answer.",
      labelNames: [
        named(ATTR_RPC_SYSTEM_NAME),
        named(ATTR_RPC_METHOD),
        named(ATTR_RPC_STATUS_CODE),
        "protocol",
      ],
      buckets: [...latencySeconds],
      registers,
    }),
    callsOverloaded: new Counter({
      name: "calls_overloaded_total",
      help: "Calls refused because of overload, by what they would have waited for.",
      labelNames: ["waits_for"],
      registers,
    }),
    outgoingCalls: new Histogram({
      name: `${named(METRIC_RPC_CLIENT_CALL_DURATION)}_seconds`,
      help: "Time that a call to another service took, retries included.",
      labelNames: [
        named(ATTR_RPC_SYSTEM_NAME),
        named(ATTR_RPC_METHOD),
        named(ATTR_RPC_STATUS_CODE),
        named(ATTR_SERVER_SERVICE_NAME),
      ],
      buckets: [...latencySeconds],
      registers,
    }),
    httpRequests: new Histogram({
      name: `${named(METRIC_HTTP_SERVER_REQUEST_DURATION)}_seconds`,
      help: "Time from the arrival of a plain HTTP request to its answer.",
      labelNames: [
        named(ATTR_HTTP_REQUEST_METHOD),
        named(ATTR_HTTP_ROUTE),
        named(ATTR_HTTP_RESPONSE_STATUS_CODE),
      ],
      buckets: [...latencySeconds],
      registers,
    }),
    providerCalls: new Histogram({
      name: "provider_call_duration_seconds",
      help: "Time that an operation of a provider outside of the mesh took, by what its answer means.",
      labelNames: [named(ATTR_SERVER_SERVICE_NAME), "operation", "outcome"],
      buckets: [...latencySeconds],
      registers,
    }),
  };
}

function eventMetrics(registers: Registry[]) {
  const queue = named(ATTR_MESSAGING_DESTINATION_NAME);
  return {
    published: new Counter({
      name: `${named(METRIC_MESSAGING_CLIENT_SENT_MESSAGES)}_total`,
      help: "Attempts to publish an event, by topic and outcome: published, refused or failed.",
      labelNames: [queue, "outcome"],
      registers,
    }),
    processed: new Histogram({
      name: `${named(METRIC_MESSAGING_PROCESS_DURATION)}_seconds`,
      help: "Time that a delivery of an event took, by queue and outcome: done, duplicate or failed.",
      labelNames: [queue, "outcome"],
      buckets: [...latencySeconds],
      registers,
    }),
    eventLag: new Histogram({
      name: "event_lag_seconds",
      help: "Age of an event when its handling starts, since it was sent to the queue.",
      labelNames: [queue],
      buckets: lagSeconds,
      registers,
    }),
    deadLetters: new Gauge({
      name: "event_dead_letters",
      help: "Events in the dead letter queue behind a queue.",
      labelNames: [queue],
      registers,
    }),
    outboxPending: new Gauge({
      name: "outbox_pending",
      help: "Events waiting to be published; counted up to 1000.",
      registers,
    }),
    outboxParked: new Gauge({
      name: "outbox_parked",
      help: "Events parked after too many refusals; counted up to 1000.",
      registers,
    }),
    outboxOldestAge: new Gauge({
      name: "outbox_oldest_age_seconds",
      help: "How long the event that has waited longest has been due; 0 while none is.",
      registers,
    }),
  };
}

function backgroundMetrics(registers: Registry[]) {
  return {
    certificateExpiry: new Gauge({
      name: "tls_certificate_expiry_timestamp_seconds",
      help: "When the certificate ends: the service's own, and that of the authority of all services.",
      labelNames: ["certificate"],
      registers,
    }),
    jobRuns: new Counter({
      name: "job_runs_total",
      help: "Runs of background jobs, by result.",
      labelNames: ["job", "result"],
      registers,
    }),
    connectionWait: new Histogram({
      name: `${named(METRIC_DB_CLIENT_CONNECTION_WAIT_TIME)}_seconds`,
      help: "Time that it took to get a connection from the pool.",
      buckets: [...latencySeconds],
      registers,
    }),
  };
}
