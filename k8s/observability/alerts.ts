import { events, serviceNames } from "#kit/contract/contracts.ts";
import { publisherOf, queueOf, subscribersOf } from "#kit/contract/event.ts";
import { type AlertingRule, alert, type RuleGroup } from "./rule-types.ts";

/** The value of the label `job` of everything that is scraped. */
export const scrapeJob = "questioncloud";

// An hour is when `verify-invariants --listen` checks again by default.
const verified = "invariants_verified_timestamp_seconds";
const invariantsMaxAgeSeconds = 3 * 3600;

const pspCalls = (outcomes: string) =>
  `sum by (server_service_name) (increase(provider_call_duration_seconds_count{service_name="point"${outcomes}}[10m]))`;

const unclear = pspCalls(',outcome=~"unknown|failed"');

/** Alerts about money: what a buyer has paid, or is owed, and what two records of it disagree about. */
const money: readonly AlertingRule[] = [
  alert("ChargeOpenTooLong", {
    severity: "page",
    for: "5m",
    expr: [
      'point_charge_oldest_age_seconds{state="confirming"} > 1800',
      // An order ends after POINT_ORDER_LIFETIME_MS, an hour; one that is older was not reconciled.
      'point_charge_oldest_age_seconds{state="ordered"} > 7200',
    ].join("\nor\n"),
    summary: "a charge is {{ $labels.state }} for {{ $value | humanizeDuration }}",
  }),
  alert("PurchasePendingTooLong", {
    severity: "page",
    for: "1m",
    // Purchases are given up after PAY_PENDING_LIMIT_MS, ten minutes.
    expr: "pay_purchase_oldest_pending_age_seconds > 900",
    summary: "a purchase is pending for {{ $value | humanizeDuration }}",
  }),
  alert("DiscrepancyOpen", {
    severity: "ticket",
    for: "10m",
    expr: "max(point_discrepancies_open) > 0",
    summary: "{{ $value }} differences from the records of the PSP are open",
  }),
  alert("PspUnclear", {
    severity: "page",
    for: "5m",
    expr: `${unclear} > 0.2 * ${pspCalls("")} and ${unclear} > 5`,
    summary: "one of five answers of {{ $labels.server_service_name }} leaves it unknown whether money moved",
  }),
  alert("InvariantViolated", {
    severity: "page",
    for: "0s",
    expr: "invariant_violations > 0",
    summary: "{{ $labels.invariant }}: {{ $value }} violations",
  }),
  alert("InvariantsNotVerified", {
    severity: "ticket",
    for: "10m",
    expr: `time() - ${verified} > ${invariantsMaxAgeSeconds} or absent(${verified})`,
    summary: "invariants were not verified within three hours",
  }),
];

// Where these are late, what was paid for is not granted, counted or canceled.
const moneyQueues = events
  .filter(event => ["pay", "point"].includes(publisherOf(event)))
  .flatMap(event => subscribersOf(event).map(service => queueOf(event, service)))
  .sort()
  .join("|");

const deadBehind = (queues: string) =>
  `max by (messaging_destination_name) (event_dead_letters{messaging_destination_name${queues}}) > 0`;

const late = "sum by (le, messaging_destination_name) (rate(event_lag_seconds_bucket[10m]))";

const eventAlerts: readonly AlertingRule[] = [
  alert("OutboxStalled", {
    severity: "page",
    for: "3m",
    expr: "max by (service_name) (outbox_oldest_age_seconds) > 120",
    summary:
      "an event of {{ $labels.service_name }} is due for {{ $value | humanizeDuration }} and not published",
  }),
  alert("EventsParked", {
    severity: "ticket",
    for: "1m",
    expr: "max by (service_name) (outbox_parked) > 0",
    summary: "{{ $value }} events of {{ $labels.service_name }} were refused too often",
  }),
  alert("EventsDead", {
    severity: "page",
    for: "1m",
    expr: deadBehind(`=~"${moneyQueues}"`),
    summary: "{{ $value }} events about money behind {{ $labels.messaging_destination_name }} were given up",
  }),
  alert("EventsDead", {
    severity: "ticket",
    for: "1m",
    expr: deadBehind(`!~"${moneyQueues}"`),
    summary: "{{ $value }} events behind {{ $labels.messaging_destination_name }} were given up",
  }),
  alert("EventsLate", {
    severity: "ticket",
    for: "10m",
    expr: `histogram_quantile(0.9, ${late}) > 60`,
    summary: "events of {{ $labels.messaging_destination_name }} wait {{ $value | humanizeDuration }}",
  }),
];

const certificateEndsIn = (seconds: number) =>
  `tls_certificate_expiry_timestamp_seconds - time() < ${seconds}`;
const certificateSummary =
  "the {{ $labels.certificate }} certificate of {{ $labels.service_name }} ends in {{ $value | humanizeDuration }}";

const runsOf = (result: "done" | "failed") =>
  `sum by (service_name, job) (increase(job_runs_total{result="${result}"}[15m]))`;

function serviceDown(service: string): AlertingRule {
  return alert("ServiceDown", {
    severity: "page",
    service,
    for: "2m",
    expr: `absent(up{job="${scrapeJob}",service_name="${service}"} == 1)`,
    summary: "no replica of {{ $labels.service_name }} answers",
  });
}

const processAlerts: readonly AlertingRule[] = [
  ...serviceNames.map(serviceDown),
  alert("ReplicaDown", {
    severity: "ticket",
    for: "10m",
    expr: `up{job="${scrapeJob}"} == 0`,
    summary: "{{ $labels.instance }} of {{ $labels.service_name }} does not answer",
  }),
  alert("ReplicaRestarting", {
    severity: "ticket",
    for: "0s",
    expr: "changes(process_start_time_seconds[30m]) > 3",
    summary:
      "{{ $labels.instance }} of {{ $labels.service_name }} started {{ $value }} times in half an hour",
  }),
  alert("ConnectionPoolExhausted", {
    severity: "page",
    for: "0s",
    expr: "min_over_time(db_client_connection_pending_requests[5m]) > 0",
    summary: "requests of {{ $labels.service_name }} waited for a connection for five minutes",
  }),
  alert("CertificateExpiring", {
    severity: "ticket",
    for: "10m",
    // cert-manager renews long before; a service shows the certificate that it uses, renewed or not.
    expr: certificateEndsIn(3 * 86_400),
    summary: certificateSummary,
  }),
  alert("CertificateExpiring", {
    severity: "page",
    for: "0s",
    expr: certificateEndsIn(6 * 3600),
    summary: certificateSummary,
  }),
  alert("JobFailing", {
    severity: "ticket",
    for: "0s",
    expr: `${runsOf("failed")} > 3 unless ${runsOf("done")} > ${runsOf("failed")}`,
    summary: "{{ $labels.job }} of {{ $labels.service_name }} fails",
  }),
  alert("EventLoopBlocked", {
    severity: "ticket",
    for: "10m",
    expr: "nodejs_eventloop_delay_p99_seconds > 0.25",
    summary: "{{ $labels.instance }} answers late by {{ $value | humanizeDuration }} because it computes",
  }),
];

/** The alerts that are about no journey's objective. */
export function alertGroups(): RuleGroup[] {
  return [
    { name: "money", interval: "30s", rules: money },
    { name: "events", interval: "30s", rules: eventAlerts },
    { name: "processes", interval: "30s", rules: processAlerts },
  ];
}
