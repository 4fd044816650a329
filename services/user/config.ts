import { z } from "zod";
import { type Environment, flag, integer, readConfig } from "#kit/config.ts";

/** What only the user service needs to know. */
export type UserConfig = ReturnType<typeof readUserConfig>;

/** Reads the variables of the user service. */
export function readUserConfig(env: Environment) {
  return readConfig(env, {
    USER_SIGNING_KEYS_FILE: z.string(),
    USER_ACCESS_LIFETIME_SECONDS: integer({ min: 1, max: 900, fallback: 300 }),
    USER_REFRESH_LIFETIME_DAYS: integer({ min: 1, max: 365, fallback: 30 }),
    USER_REFRESH_GRACE_MS: integer({ min: 0, max: 60_000, fallback: 10_000 }),
    USER_COOKIE_SECURE: flag(true),
    USER_LOGIN_PER_MINUTE: integer({ min: 1, max: 10_000_000, fallback: 10 }),
    USER_PASSWORD_HASHES_MAX: integer({ min: 1, max: 64, fallback: 2 }),
    USER_PASSWORD_QUEUE_MAX: integer({ min: 0, max: 10_000, fallback: 100 }),
    USER_ACTIVATION_LIFETIME_SECONDS: integer({ min: 1, max: 604_800, fallback: 86_400 }),
    USER_SITE_URL: z.url({ protocol: /^https?$/ }).transform(url => url.replace(/\/+$/, "")),
    USER_SMTP_URL: z.url({ protocol: /^smtps?$/ }),
    USER_SMTP_TIMEOUT_MS: integer({ min: 100, max: 60_000, fallback: 10_000 }),
    USER_MAIL_FROM: z.string().min(3),
    USER_MAIL_INTERVAL_MS: integer({ min: 0, max: 3_600_000, fallback: 60_000 }),
    USER_MAIL_POLL_MS: integer({ min: 10, max: 60_000, fallback: 1000 }),
    USER_MAIL_CLAIM_MS: integer({ min: 1000, max: 600_000, fallback: 120_000 }),
    USER_MAIL_RETRY_MS: integer({ min: 10, max: 600_000, fallback: 5000 }),
    USER_MAIL_ATTEMPTS_MAX: integer({ min: 1, max: 100, fallback: 12 }),
    USER_MAIL_KEEP_DAYS: integer({ min: 1, max: 365, fallback: 30 }),
    USER_CLEANUP_INTERVAL_MS: integer({ min: 100, max: 3_600_000, fallback: 60_000 }),
  });
}
