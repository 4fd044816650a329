import { z } from "zod";
import { type Environment, integer, readConfig } from "#kit/config.ts";

/** Reads what the pay service alone needs to know. */
export function readPayConfig(env: Environment) {
  return readConfig(env, {
    PAY_MONGODB_URI: z.string().regex(/^mongodb(\+srv)?:\/\//),
    /** How long a purchase works on after its first transaction, whoever waits. */
    PAY_WORK_MS: integer({ min: 100, max: 60_000, fallback: 12_000 }),
    /** How long the resolver leaves a purchase to the call that began it, and that call is `still running`. */
    PAY_OWNED_MS: integer({ min: 100, max: 120_000, fallback: 20_000 }),
    /** After this a pending purchase is cancelled. */
    PAY_PENDING_LIMIT_MS: integer({ min: 1000, max: 86_400_000, fallback: 600_000 }),
    PAY_RESOLVE_POLL_MS: integer({ min: 10, max: 600_000, fallback: 5_000 }),
    PAY_RESOLVE_CLAIM_MS: integer({ min: 100, max: 600_000, fallback: 30_000 }),
    PAY_RESOLVE_BASE_MS: integer({ min: 10, max: 600_000, fallback: 2_000 }),
    PAY_RESOLVE_MAX_MS: integer({ min: 10, max: 600_000, fallback: 60_000 }),
  });
}

export type PayConfig = ReturnType<typeof readPayConfig>;
