import { calleesOf, events, serviceNames } from "#kit/contract/contracts.ts";
import { publisherOf, subscribersOf } from "#kit/contract/event.ts";
import { serverErrors } from "#kit/process/rpc-status.ts";
import { type Journey, journeys } from "./objectives.ts";
import type { Dashboard, Panel } from "./panels.ts";
import { errorsByStatus, quantiles, rateBy } from "./queries.ts";
import { eventsDashboard, moneyDashboard, processesDashboard } from "./shared-dashboards.ts";
import { methodSelector } from "./slo-rules.ts";

const calls = "rpc_server_call_duration_seconds";

/** Every dashboard: one for each journey, one for each service, and those about all of them. */
export function dashboards(): Dashboard[] {
  return [
    ...journeys.map(journeyDashboard),
    ...serviceNames.map(serviceDashboard),
    eventsDashboard(),
    moneyDashboard(),
    processesDashboard(),
  ];
}

function journeyDashboard(journey: Journey): Dashboard {
  const own = `journey="${journey.name}"`;
  const selector = methodSelector(journey);
  const { share, seconds } = journey.latency;
  const burn = (window: string) => ({
    expr: `journey:slo_errors_per_request:ratio_rate${window}{${own}} / journey:slo_budget:ratio{${own}}`,
    legend: `{{slo}} ${window}`,
  });
  return {
    uid: `journey-${journey.name.replaceAll("_", "-")}`,
    title: journey.title,
    panels: [
      {
        title: `Error budget left (${journey.availability * 100} %; ${share * 100} % within ${seconds} s)`,
        unit: "percentunit",
        queries: [{ expr: `journey:slo_budget_remaining:ratio{${own}}`, legend: "{{slo}}" }],
      },
      { title: "Burn rate", unit: "short", queries: [burn("5m"), burn("1h"), burn("6h")] },
      {
        title: "Calls by method",
        unit: "reqps",
        queries: [{ expr: rateBy("rpc_method", `${calls}_count{${selector}}`), legend: "{{rpc_method}}" }],
      },
      {
        title: "Calls by status",
        unit: "reqps",
        queries: [
          { expr: rateBy("rpc_status_code", `${calls}_count{${selector}}`), legend: "{{rpc_status_code}}" },
        ],
      },
      { title: "Errors", unit: "reqps", queries: [errorsByStatus(`${calls}_count`, selector)] },
      { title: "Latency", unit: "s", queries: quantiles(calls, selector) },
    ],
  };
}

function serviceDashboard(service: string): Dashboard {
  const own = `service_name="${service}"`;
  const errors = `rpc_status_code!~"OK|${[...serverErrors].join("|")}"`;
  return {
    uid: `service-${service}`,
    title: `service ${service}`,
    panels: [
      {
        title: "Calls by method",
        unit: "reqps",
        queries: [{ expr: rateBy("rpc_method", `${calls}_count{${own}}`), legend: "{{rpc_method}}" }],
      },
      { title: "Latency", unit: "s", queries: quantiles(calls, own) },
      { title: "Errors", unit: "reqps", queries: [errorsByStatus(`${calls}_count`, own)] },
      {
        title: "Refusals by status",
        unit: "reqps",
        queries: [
          {
            expr: `${rateBy("rpc_status_code", `${calls}_count{${own},${errors}}`)} or vector(0)`,
            legend: "{{rpc_status_code}}",
          },
        ],
      },
      ...calleePanels(service),
      ...databasePanels(own),
      ...eventPanels(service),
      {
        title: "Runs of jobs",
        unit: "reqps",
        queries: [{ expr: rateBy("job, result", `job_runs_total{${own}}`), legend: "{{job}} {{result}}" }],
      },
    ],
  };
}

function calleePanels(service: string): Panel[] {
  if (calleesOf(service).length === 0) {
    return [];
  }
  const outgoing = `rpc_client_call_duration_seconds_count{service_name="${service}"}`;
  return [
    {
      title: "Calls to other services",
      unit: "reqps",
      queries: [
        {
          // A service may call for long none of those it may call.
          expr: `${rateBy("server_service_name, rpc_status_code", outgoing)} or vector(0)`,
          legend: "{{server_service_name}} {{rpc_status_code}}",
        },
      ],
    },
  ];
}

function databasePanels(own: string): Panel[] {
  return [
    {
      title: "Calls refused because of overload",
      unit: "reqps",
      queries: [{ expr: rateBy("waits_for", `calls_overloaded_total{${own}}`), legend: "{{waits_for}}" }],
    },
    {
      title: "Connections of the pool",
      unit: "short",
      queries: [
        {
          expr: `sum by (db_client_connection_state) (db_client_connection_count{${own}})`,
          legend: "{{db_client_connection_state}}",
        },
        { expr: `sum(db_client_connection_pending_requests{${own}})`, legend: "waiting requests" },
        { expr: `sum(db_client_connection_limit{${own}})`, legend: "limit" },
      ],
    },
    {
      title: "Wait for a connection",
      unit: "s",
      queries: quantiles("db_client_connection_wait_time_seconds", own),
    },
  ];
}

/** Of a service that publishes, its outbox; of one that subscribes, its dead letters. */
function eventPanels(service: string): Panel[] {
  const own = `{service_name="${service}"}`;
  const outbox: Panel = {
    title: "Outbox",
    unit: "short",
    queries: [
      { expr: `max(outbox_pending${own})`, legend: "pending" },
      { expr: `max(outbox_parked${own})`, legend: "parked" },
      { expr: `max(outbox_oldest_age_seconds${own})`, legend: "seconds that the oldest is due" },
    ],
  };
  const dead: Panel = {
    title: "Dead letters",
    unit: "short",
    queries: [
      {
        expr: `max by (messaging_destination_name) (event_dead_letters${own})`,
        legend: "{{messaging_destination_name}}",
      },
    ],
  };
  return [
    ...(events.some(event => publisherOf(event) === service) ? [outbox] : []),
    ...(events.some(event => subscribersOf(event).includes(service)) ? [dead] : []),
  ];
}
