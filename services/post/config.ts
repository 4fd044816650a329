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
  news: {
    pollMs: integer("POST_NEWS_POLL_MS", { min: 10, max: 60_000, fallback: 1000 }),
    /** How long a claim lasts unless renewed, and so how long the crash of a replica delays the news of a question. */
    claimMs: integer("POST_NEWS_CLAIM_MS", { min: 100, max: 600_000, fallback: 10_000 }),
  },
  removedFiles: {
    pollMs: integer("POST_REMOVED_FILES_POLL_MS", { min: 10, max: 60_000, fallback: 5000 }),
    claimMs: integer("POST_REMOVED_FILES_CLAIM_MS", { min: 100, max: 600_000, fallback: 60_000 }),
  },
  cleanup: {
    intervalMs: integer("POST_CLEANUP_INTERVAL_MS", { min: 100, max: 3_600_000, fallback: 60_000 }),
  },
};

export type PostConfig = Config<typeof config>;
