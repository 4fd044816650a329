import { scrapeJob } from "#k8s/observability/alerts.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { type AlertCase, of } from "./alert-cases.ts";

const dead = (queue: string) =>
  `event_dead_letters{service_name="any",messaging_destination_name="${queue}"}`;
const lag = (le: string) =>
  `event_lag_seconds_bucket{messaging_destination_name="cart-on-user-withdrawn",le="${le}"}`;

export const eventCases: readonly AlertCase[] = [
  of("OutboxStalled", "page").fires("an event is due for five minutes", "10m", {
    'outbox_oldest_age_seconds{service_name="pay"}': "0+60x10",
  }),
  of("OutboxStalled", "page").silent("events wait for seconds", "10m", {
    'outbox_oldest_age_seconds{service_name="pay"}': "30x10",
  }),
  of("EventsParked", "ticket").fires("one is parked", "5m", { 'outbox_parked{service_name="pay"}': "1x5" }),
  of("EventsParked", "ticket").silent("none is parked", "5m", { 'outbox_parked{service_name="pay"}': "0x5" }),
  of("EventsDead", "page").fires("one is about money", "5m", {
    [dead("point-on-questions-purchased")]: "1x5",
  }),
  of("EventsDead", "page").silent("one is not about money", "5m", {
    [dead("cart-on-user-withdrawn")]: "1x5",
  }),
  of("EventsDead", "ticket").fires("one is not about money", "5m", {
    [dead("cart-on-user-withdrawn")]: "1x5",
  }),
  of("EventsDead", "ticket").silent("there is none", "5m", { [dead("cart-on-user-withdrawn")]: "0x5" }),
  of("EventsLate", "ticket").fires("most wait for minutes", "25m", {
    [lag("60")]: "0+1x25",
    [lag("300")]: "0+10x25",
    [lag("+Inf")]: "0+10x25",
  }),
  of("EventsLate", "ticket").silent("few wait for minutes", "25m", {
    [lag("60")]: "0+99x25",
    [lag("300")]: "0+100x25",
    [lag("+Inf")]: "0+100x25",
  }),
];

const up = (service: string) => `up{job="${scrapeJob}",service_name="${service}",instance="a"}`;
const runs = (result: string) => `job_runs_total{service_name="pay",job="relay",result="${result}"}`;
const certificate = 'tls_certificate_expiry_timestamp_seconds{service_name="pay",certificate="own"}';
const waiting = 'db_client_connection_pending_requests{service_name="pay",instance="a"}';

export const processCases: readonly AlertCase[] = [
  of("ServiceDown", "page").fires("its only replica does not answer", "5m", {
    ...Object.fromEntries(serviceNames.map(name => [up(name), "1x5"])),
    [up("pay")]: "1 0x5",
  }),
  of("ServiceDown", "page").fires("one has no replica", "5m", {
    ...Object.fromEntries(serviceNames.filter(name => name !== "pay").map(name => [up(name), "1x5"])),
  }),
  of("ServiceDown", "page").silent("another replica answers", "5m", {
    ...Object.fromEntries(serviceNames.map(name => [up(name), "1x5"])),
    [up("pay").replace('"a"', '"b"')]: "0x5",
  }),
  of("ReplicaDown", "ticket").fires("one does not answer", "15m", { [up("pay")]: "1 0x15" }),
  of("ReplicaDown", "ticket").silent("one restarts", "15m", { [up("pay")]: "1 1 0 0 1x15" }),
  of("ReplicaRestarting", "ticket").fires("it crashes in a loop", "10m", {
    process_start_time_seconds: "1 2 3 4 5x10",
  }),
  of("ReplicaRestarting", "ticket").silent("it was rolled out", "10m", {
    process_start_time_seconds: "1 1 2 2x10",
  }),
  of("ConnectionPoolExhausted", "page").fires("some wait all the time", "10m", { [waiting]: "0 3x10" }),
  of("ConnectionPoolExhausted", "page").silent("some wait at times", "10m", {
    [waiting]: "5 0 5 0 5 0 5 0 5 0 5",
  }),
  of("CertificateExpiring", "ticket").fires("it ends in two days", "15m", {
    [certificate]: `${2 * 86_400}x15`,
  }),
  of("CertificateExpiring", "ticket").silent("it ends in a month", "15m", {
    [certificate]: `${30 * 86_400}x15`,
  }),
  of("CertificateExpiring", "page").fires("it ends in an hour", "5m", { [certificate]: "3600x5" }),
  of("CertificateExpiring", "page").silent("it ends in two days", "5m", { [certificate]: `${2 * 86_400}x5` }),
  of("JobFailing", "ticket").fires("no run succeeds", "20m", {
    [runs("failed")]: "0+1x20",
    [runs("done")]: "9x20",
  }),
  of("JobFailing", "ticket").silent("one run of ten fails", "20m", {
    [runs("failed")]: "0+1x20",
    [runs("done")]: "0+9x20",
  }),
  of("EventLoopBlocked", "ticket").fires("it is late for a quarter of an hour", "15m", {
    nodejs_eventloop_delay_p99_seconds: "0.4x15",
  }),
  of("EventLoopBlocked", "ticket").silent("it was late once", "15m", {
    nodejs_eventloop_delay_p99_seconds: "0.01x7 0.9 0.01x7",
  }),
];
