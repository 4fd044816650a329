import { serverErrors } from "#kit/process/rpc-status.ts";
import { type Journey, journeys, sloWindowDays } from "./objectives.ts";
import { type AlertingRule, alert, type RecordingRule, type RuleGroup } from "./rule-types.ts";

const calls = "rpc_server_call_duration_seconds";
const interval = "30s";

type Slo = "availability" | "latency";

/** The two objectives of a journey, with what counts as an error and what as a request of each. */
function objectivesOf(journey: Journey) {
  const all = methodSelector(journey);
  const failed = `rpc_status_code=~"${[...serverErrors].join("|")}"`;
  const answered = `${all},rpc_status_code!~"${[...serverErrors].join("|")}"`;
  const { seconds, share } = journey.latency;
  return [
    {
      slo: "availability" as const,
      budget: 1 - journey.availability,
      requests: rateOf(`${calls}_count{${all}}`),
      errors: rateOf(`${calls}_count{${all},${failed}}`),
    },
    {
      slo: "latency" as const,
      budget: 1 - share,
      requests: rateOf(`${calls}_count{${answered}}`),
      errors: [
        rateOf(`${calls}_count{${answered}}`),
        rateOf(`${calls}_bucket{${answered},le="${seconds}"}`),
      ].join(" - "),
    },
  ];
}

/** Selects the calls of a journey's methods. */
export function methodSelector({ methods }: Journey): string {
  return `rpc_method=~"${methods.map(({ parent, name }) => `${parent.typeName}/${name}`).join("|")}"`;
}

function rateOf(selector: string): string {
  return `(sum(rate(${selector}[5m])) or vector(0))`;
}

/** Windows over which the share of errors is recorded; each is in a burn-rate alert below. */
const windows = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] as const;

type Window = (typeof windows)[number];

const errorRatio = (window: string) => `journey:slo_errors_per_request:ratio_rate${window}`;

function baseRules(): RecordingRule[] {
  return journeys.flatMap(journey =>
    objectivesOf(journey).flatMap(({ slo, budget, requests, errors }) => {
      const labels = { journey: journey.name, slo };
      return [
        { record: "journey:slo_requests:rate5m", expr: requests, labels },
        { record: "journey:slo_errors:rate5m", expr: errors, labels },
        { record: "journey:slo_budget:ratio", expr: `vector(${Number(budget.toFixed(6))})`, labels },
      ];
    }),
  );
}

/** The share of errors in a window: those of its five minutes, weighted by their requests. */
function ratioOver(window: string): string {
  const sum = (what: string) => `sum_over_time(journey:slo_${what}:rate5m[${window}])`;
  return window === "5m"
    ? "journey:slo_errors:rate5m / journey:slo_requests:rate5m"
    : `${sum("errors")} / ${sum("requests")}`;
}

function ratioRules(): RecordingRule[] {
  return windows.map(window => ({ record: errorRatio(window), expr: ratioOver(window) }));
}

const remainingRule: RecordingRule = {
  record: "journey:slo_budget_remaining:ratio",
  expr: `1 - (${ratioOver(`${sloWindowDays}d`)}) / journey:slo_budget:ratio`,
};

/**
 * How fast the budget may burn: at `factor` that of the period is gone in `sloWindowDays / factor` days. The short
 * window ends the alert soon after the errors end.
 */
interface BurnRate {
  readonly severity: "page" | "ticket";
  readonly factor: number;
  readonly long: Window;
  readonly short: Window;
  readonly longSeconds: number;
}

const hourSeconds = 3600;

const burnRates: readonly BurnRate[] = [
  { severity: "page", factor: 14.4, long: "1h", short: "5m", longSeconds: hourSeconds },
  { severity: "page", factor: 6, long: "6h", short: "30m", longSeconds: 6 * hourSeconds },
  { severity: "ticket", factor: 3, long: "1d", short: "2h", longSeconds: 24 * hourSeconds },
  { severity: "ticket", factor: 1, long: "3d", short: "6h", longSeconds: 72 * hourSeconds },
];

// Where little is called, one error is a large share; so few as these never alert.
const leastErrors = 5;

function burnsFaster(slo: Slo, { factor, long, short, longSeconds }: BurnRate): string {
  const above = (window: Window) =>
    `${errorRatio(window)}{slo="${slo}"} > ${factor} * journey:slo_budget:ratio{slo="${slo}"}`;
  const enough = `avg_over_time(journey:slo_errors:rate5m{slo="${slo}"}[${long}]) * ${longSeconds} > ${leastErrors}`;
  return `(${above(long)} and ${above(short)} and ${enough})`;
}

function burnAlert(slo: Slo, severity: "page" | "ticket"): AlertingRule {
  const name = slo === "availability" ? "AvailabilityBudgetBurn" : "LatencyBudgetBurn";
  const what = slo === "availability" ? "fail" : "take too long";
  return alert(name, {
    severity,
    for: "2m",
    expr: burnRates
      .filter(rate => rate.severity === severity)
      .map(rate => burnsFaster(slo, rate))
      .join("\nor\n"),
    summary: `{{ $value | humanizePercentage }} of the calls of {{ $labels.journey }} ${what}`,
  });
}

/** Recording rules and multi-window, multi-burn-rate alerts of all journeys. */
export function sloGroups(): RuleGroup[] {
  return [
    { name: "slo", interval, rules: [...baseRules(), ...ratioRules()] },
    { name: "slo-budget", interval: "5m", rules: [remainingRule] },
    {
      name: "slo-alerts",
      interval,
      rules: (["availability", "latency"] as const).flatMap(slo =>
        (["page", "ticket"] as const).map(severity => burnAlert(slo, severity)),
      ),
    },
  ];
}
