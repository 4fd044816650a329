import { z } from "zod";
import { type Environment, integer, readConfig } from "#kit/config.ts";

/** What only this service needs to know. Secrets have no defaults. */
export type PointConfig = ReturnType<typeof readPointConfig>;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Reads the variables of this service. */
export function readPointConfig(env: Environment) {
  return readConfig(env, {
    POINT_PG_API_URL: z.url(),
    POINT_PG_SECRET_KEY: z.string().min(1),
    POINT_PG_CLIENT_KEY: z.string().min(1),
    POINT_PG_CHECKOUT_URL: z.url(),
    POINT_SITE_URL: z.url(),
    POINT_PG_TIMEOUT_MS: integer({ min: 100, max: 120_000, fallback: 60_000 }),
    POINT_CONFIRM_WAIT_MS: integer({ min: 10, max: 29_000, fallback: 25_000 }),
    POINT_CONFIRMS_MAX: integer({ min: 1, max: 10_000, fallback: 500 }),
    POINT_ORDER_LIFETIME_MS: integer({ min: 100, max: dayMs, fallback: hourMs }),
    POINT_RECONCILE_POLL_MS: integer({ min: 10, max: 60_000, fallback: 1000 }),
    POINT_RECONCILE_CLAIM_MS: integer({ min: 100, max: hourMs, fallback: 200_000 }),
    POINT_RECONCILE_BASE_MS: integer({ min: 10, max: hourMs, fallback: 5000 }),
    POINT_RECONCILE_MAX_MS: integer({ min: 10, max: dayMs, fallback: 600_000 }),
    POINT_RECONCILE_PARALLEL: integer({ min: 1, max: 200, fallback: 20 }),
    POINT_COMPARE_POLL_MS: integer({ min: 100, max: dayMs, fallback: 600_000 }),
    POINT_COMPARE_DELAY_MS: integer({ min: 0, max: dayMs, fallback: 1_800_000 }),
    POINT_COMPARE_DAYS_MAX: integer({ min: 1, max: 366, fallback: 31 }),
    POINT_MEASURE_POLL_MS: integer({ min: 100, max: dayMs, fallback: 60_000 }),
    POINT_WEBHOOK_ADDRESS_PER_MINUTE: integer({ min: 1, max: 1_000_000, fallback: 3000 }),
    POINT_WEBHOOK_CHARGE_PER_MINUTE: integer({ min: 1, max: 1_000_000, fallback: 20 }),
  });
}
