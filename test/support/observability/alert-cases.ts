/** Series as promtool writes them: `0+3x60` begins with 0 and adds 3 a minute, 60 times. */
type Series = Readonly<Record<string, string>>;

/** A course of metrics, and whether an alert of this severity fires at its end. */
export interface AlertCase {
  readonly alert: string;
  readonly severity: "page" | "ticket";
  readonly fires: boolean;
  /** What the case shows, as in `page because …`. */
  readonly title: string;
  readonly at: string;
  readonly series: Series;
}

const calls = "rpc_server_call_duration_seconds";
const purchase = 'rpc_method="questioncloud.pay.v1.PaymentService/PurchaseQuestions"';

/** Purchases a minute, by status. */
function purchases(values: Readonly<Record<string, string>>): Series {
  return Object.fromEntries(
    Object.entries(values).map(([code, each]) => [
      `${calls}_count{${purchase},rpc_status_code="${code}"}`,
      each,
    ]),
  );
}

/** Answered purchases a minute: all of them, and those that took no longer than the objective says. */
function timedPurchases(all: string, fast: string): Series {
  return {
    [`${calls}_count{${purchase},rpc_status_code="OK"}`]: all,
    [`${calls}_bucket{${purchase},rpc_status_code="OK",le="0.5"}`]: fast,
  };
}

/** Makes the cases of one alert. */
export const of = (alert: string, severity: "page" | "ticket") => ({
  fires: (title: string, at: string, series: Series): AlertCase => ({
    alert,
    severity,
    fires: true,
    title,
    at,
    series,
  }),
  silent: (title: string, at: string, series: Series): AlertCase => ({
    alert,
    severity,
    fires: false,
    title,
    at,
    series,
  }),
});

const availabilityPage = of("AvailabilityBudgetBurn", "page");
const availabilityTicket = of("AvailabilityBudgetBurn", "ticket");
const latencyPage = of("LatencyBudgetBurn", "page");
const latencyTicket = of("LatencyBudgetBurn", "ticket");

export const sloCases: readonly AlertCase[] = [
  availabilityPage.fires("3 % fail for an hour", "1h", purchases({ OK: "0+97x70", UNAVAILABLE: "0+3x70" })),
  availabilityPage.fires(
    "0.5 % fail for six hours",
    "6h",
    purchases({ OK: "0+995x370", INTERNAL: "0+5x370" }),
  ),
  availabilityPage.silent("0.1 % fail", "6h", purchases({ OK: "0+999x370", INTERNAL: "0+1x370" })),
  availabilityPage.silent(
    "all are refused",
    "1h",
    purchases({ OK: "0x70", FAILED_PRECONDITION: "0+100x70" }),
  ),
  availabilityPage.silent(
    "two of ten fail in the night",
    "1h",
    purchases({ OK: "0x20 8x60", INTERNAL: "0x20 2x60" }),
  ),
  availabilityPage.silent(
    "the failures ended 40 minutes ago",
    "1h40m",
    purchases({ OK: "0+97x120", UNAVAILABLE: "0+3x60 180x60" }),
  ),
  availabilityTicket.fires(
    "0.1 % fail for six hours",
    "6h",
    purchases({ OK: "0+999x370", INTERNAL: "0+1x370" }),
  ),
  availabilityTicket.silent("0.02 % fail", "6h", purchases({ OK: "0+4999x370", INTERNAL: "0+1x370" })),
  latencyPage.fires("20 % take too long", "1h", timedPurchases("0+100x70", "0+80x70")),
  latencyPage.silent("3 % take too long", "1h", timedPurchases("0+100x70", "0+97x70")),
  latencyTicket.fires("3 % take too long for six hours", "6h", timedPurchases("0+100x370", "0+97x370")),
  latencyTicket.silent("0.5 % take too long", "6h", timedPurchases("0+200x370", "0+199x370")),
];

const point = 'service_name="point"';
const psp = (outcome: string) =>
  `provider_call_duration_seconds_count{${point},server_service_name="toss",operation="confirm",outcome="${outcome}"}`;
const oldest = (state: string) => `point_charge_oldest_age_seconds{${point},state="${state}"}`;

export const moneyCases: readonly AlertCase[] = [
  of("ChargeOpenTooLong", "page").fires("one is in confirmation for 40 minutes", "10m", {
    [oldest("confirming")]: "2400+60x10",
  }),
  of("ChargeOpenTooLong", "page").fires("an order did not end", "10m", { [oldest("ordered")]: "7300+60x10" }),
  of("ChargeOpenTooLong", "page").silent("an order waits for its buyer", "10m", {
    [oldest("confirming")]: "20x10",
    [oldest("ordered")]: "1900+60x10",
  }),
  of("PurchasePendingTooLong", "page").fires("one was not given up", "5m", {
    'pay_purchase_oldest_pending_age_seconds{service_name="pay"}': "900+60x5",
  }),
  of("PurchasePendingTooLong", "page").silent("one is pending for ten minutes", "5m", {
    'pay_purchase_oldest_pending_age_seconds{service_name="pay"}': "300+60x5",
  }),
  of("DiscrepancyOpen", "ticket").fires("one is open", "15m", {
    [`point_discrepancies_open{${point}}`]: "1x15",
  }),
  of("DiscrepancyOpen", "ticket").silent("none is open", "15m", {
    [`point_discrepancies_open{${point}}`]: "0x15",
  }),
  of("PspUnclear", "page").fires("half of the answers are unknown", "20m", {
    [psp("succeeded")]: "0+5x20",
    [psp("unknown")]: "0+5x20",
  }),
  of("PspUnclear", "page").silent("cards are declined", "20m", {
    [psp("succeeded")]: "0+5x20",
    [psp("declined")]: "0+20x20",
    [psp("unknown")]: "0+1x20",
  }),
  of("InvariantViolated", "page").fires("one is violated", "5m", {
    'invariant_violations{invariant="I2"}': "0 0 1x5",
  }),
  of("InvariantViolated", "page").silent("all hold", "5m", { 'invariant_violations{invariant="I2"}': "0x5" }),
  of("InvariantsNotVerified", "ticket").fires("the last time was four hours ago", "4h", {
    invariants_verified_timestamp_seconds: "0x250",
  }),
  of("InvariantsNotVerified", "ticket").fires("they never were", "1h", { up: "1x60" }),
  of("InvariantsNotVerified", "ticket").silent("they are each hour", "4h", {
    invariants_verified_timestamp_seconds: "0x60 3600x60 7200x60 10800x70",
  }),
];
