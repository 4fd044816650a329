import { type Config, integer, secrets, url } from "#kit/process/config.ts";
import { notLonger } from "#kit/process/duration-rules.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";
import { pspConfig } from "./psp/psps.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const variables = {
  runtime: runtimeConfig("point"),
  psp: pspConfig,
  /** Where the PSP sends buyers back to. */
  siteUrl: url("POINT_SITE_URL"),
  /** Sign whose a charge is, for the PSP to keep. One must stay as long as a backup may be restored. */
  checkout: { secrets: secrets("POINT_CHECKOUT_SECRETS", { minLength: 32 }) },
  order: {
    /** How long an order waits for its payment; longer than the PSP's own windows. */
    lifetimeMs: integer("POINT_ORDER_LIFETIME_MS", { min: 100, max: dayMs, fallback: hourMs }),
  },
  confirm: {
    /** How long a caller waits for the outcome. */
    waitMs: integer("POINT_CONFIRM_WAIT_MS", { min: 10, max: 29_000, fallback: 25_000 }),
    /** Charges that may be in flight before callers are refused. */
    inFlightMax: integer("POINT_CONFIRMS_MAX", { min: 1, max: 10_000, fallback: 500 }),
  },
  reconcile: {
    pollMs: integer("POINT_RECONCILE_POLL_MS", { min: 10, max: 60_000, fallback: 1000 }),
    /** How long a claim lasts unless renewed, and so how long the crash of a replica delays a charge. */
    claimMs: integer("POINT_RECONCILE_CLAIM_MS", { min: 100, max: 600_000, fallback: 10_000 }),
    baseMs: integer("POINT_RECONCILE_BASE_MS", { min: 10, max: hourMs, fallback: 5000 }),
    maxMs: integer("POINT_RECONCILE_MAX_MS", { min: 10, max: dayMs, fallback: 600_000 }),
    parallel: integer("POINT_RECONCILE_PARALLEL", { min: 1, max: 200, fallback: 20 }),
  },
  compare: {
    pollMs: integer("POINT_COMPARE_POLL_MS", { min: 100, max: dayMs, fallback: 30_000 }),
    /** How long a day must be over before it is compared. */
    delayMs: integer("POINT_COMPARE_DELAY_MS", { min: 0, max: dayMs, fallback: 1_800_000 }),
    /** How long a day waits after an attempt that failed; six times that after several. */
    retryMs: integer("POINT_COMPARE_RETRY_MS", { min: 10, max: hourMs, fallback: 600_000 }),
  },
  measure: { pollMs: integer("POINT_MEASURE_POLL_MS", { min: 100, max: dayMs, fallback: 60_000 }) },
  webhooks: {
    addressPerMinute: integer("POINT_WEBHOOK_ADDRESS_PER_MINUTE", { min: 1, max: 1_000_000, fallback: 3000 }),
    chargePerMinute: integer("POINT_WEBHOOK_CHARGE_PER_MINUTE", { min: 1, max: 1_000_000, fallback: 20 }),
  },
};

/** The variables of the point service. */
export const config = {
  ...variables,
  rules: [
    notLonger(variables.reconcile.baseMs, variables.reconcile.maxMs),
    // Callers get their answers before the process stops.
    notLonger(variables.confirm.waitMs, variables.runtime.drain.limitMs),
  ],
};

export type PointConfig = Config<typeof config>;
