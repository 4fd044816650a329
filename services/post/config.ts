import { filesConfig } from "#kit/files/files-config.ts";
import { type Config, integer } from "#kit/process/config.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";

/** The variables of the post service. */
export const config = {
  runtime: runtimeConfig("post"),
  files: filesConfig("post"),
  notifications: {
    keepDays: integer("POST_NOTIFICATION_KEEP_DAYS", { min: 1, max: 365, fallback: 90 }),
    /** The time between two mails to one user about one kind. */
    mailIntervalMs: integer("POST_NOTIFICATION_MAIL_MS", { min: 0, max: 86_400_000, fallback: 600_000 }),
  },
  cleanup: {
    intervalMs: integer("POST_CLEANUP_INTERVAL_MS", { min: 100, max: 3_600_000, fallback: 60_000 }),
  },
};

export type PostConfig = Config<typeof config>;
