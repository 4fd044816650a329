import type { Dashboard, Panel } from "./panels.ts";
import { quantiles, rateBy } from "./queries.ts";

/** Makes a panel of one query. */
function panel(title: string, unit: Panel["unit"], expr: string, legend: string): Panel {
  return { title, unit, queries: [{ expr, legend }] };
}

const queue = "messaging_destination_name";

/** Outboxes, queues and subscribers. */
export function eventsDashboard(): Dashboard {
  const published = rateBy(`${queue}, outcome`, "messaging_client_sent_messages_total");
  const processed = rateBy(`${queue}, outcome`, "messaging_process_duration_seconds_count");
  return {
    uid: "events",
    title: "events",
    panels: [
      panel("Published by topic", "reqps", published, `{{${queue}}} {{outcome}}`),
      panel("Deliveries by queue", "reqps", processed, `{{${queue}}} {{outcome}}`),
      { title: "Age when handling starts", unit: "s", queries: quantiles("event_lag_seconds") },
      { title: "Time to handle", unit: "s", queries: quantiles("messaging_process_duration_seconds") },
      panel("Waiting in outboxes", "short", "max by (service_name) (outbox_pending)", "{{service_name}}"),
      panel("Oldest due event", "s", "max by (service_name) (outbox_oldest_age_seconds)", "{{service_name}}"),
      panel("Parked", "short", "max by (service_name) (outbox_parked)", "{{service_name}}"),
      panel("Dead letters", "short", `max by (${queue}) (event_dead_letters)`, `{{${queue}}}`),
    ],
  };
}

/** Points, charges, purchases, and whether the records of them agree. */
export function moneyDashboard(): Dashboard {
  const purchases =
    'rpc_server_call_duration_seconds_count{rpc_method=~".*PaymentService/PurchaseQuestions"}';
  const provider = "provider_call_duration_seconds";
  const ofPsp = 'service_name="point"';
  return {
    uid: "money",
    title: "money",
    panels: [
      panel("Purchases by status", "reqps", rateBy("rpc_status_code", purchases), "{{rpc_status_code}}"),
      {
        title: "Pending purchases",
        unit: "short",
        queries: [
          { expr: "max(pay_purchases_pending)", legend: "number" },
          { expr: "max(pay_purchase_oldest_pending_age_seconds)", legend: "seconds since the oldest" },
        ],
      },
      panel("Open charges", "short", "max by (state) (point_charges_open)", "{{state}}"),
      panel("Oldest open charge", "s", "max by (state) (point_charge_oldest_age_seconds)", "{{state}}"),
      panel(
        "Answers of the PSP",
        "reqps",
        rateBy("operation, outcome", `${provider}_count{${ofPsp}}`),
        "{{operation}} {{outcome}}",
      ),
      { title: "Time of the PSP", unit: "s", queries: quantiles(provider, ofPsp) },
      panel("Open discrepancies", "short", "max(point_discrepancies_open)", "open"),
      panel("Outstanding points", "short", "max by (account) (point_outstanding_points)", "{{account}}"),
      panel(
        "Points issued within a year",
        "short",
        "max by (source) (point_issued_year_points)",
        "{{source}}",
      ),
      panel(
        "Violations of invariants",
        "short",
        "sum by (invariant) (invariant_violations)",
        "{{invariant}}",
      ),
      panel(
        "Time since invariants were verified",
        "s",
        "time() - max(invariants_verified_timestamp_seconds)",
        "all",
      ),
    ],
  };
}

/** What processes use. Several services in one process show these metrics once. */
export function processesDashboard(): Dashboard {
  const cpu = rateBy("service_name", "process_cpu_seconds_total");
  const delay = "max by (service_name) (nodejs_eventloop_delay_p99_seconds)";
  const heap = "sum by (service_name) (nodejs_heap_size_used_bytes)";
  const collection = rateBy("service_name, kind", "nodejs_gc_duration_seconds_sum");
  return {
    uid: "processes",
    title: "processes",
    panels: [
      panel(
        "Replicas that answer",
        "short",
        'sum by (service_name) (up{job="questioncloud"})',
        "{{service_name}}",
      ),
      panel("CPU", "short", cpu, "{{service_name}}"),
      panel("Memory", "bytes", "sum by (service_name) (process_resident_memory_bytes)", "{{service_name}}"),
      panel("Heap", "bytes", heap, "{{service_name}}"),
      panel("Delay of the event loop, p99", "s", delay, "{{service_name}}"),
      panel("Garbage collection", "percentunit", collection, "{{service_name}} {{kind}}"),
      panel("Open files", "short", "sum by (service_name) (process_open_fds)", "{{service_name}}"),
    ],
  };
}
