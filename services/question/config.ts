import { filesConfig } from "#kit/files/files-config.ts";
import { type Config, flag, integer } from "#kit/process/config.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";

/** The variables of the question service. */
export const config = {
  runtime: runtimeConfig("question"),
  files: filesConfig("question"),
  categories: {
    freshMs: integer("QUESTION_CATEGORIES_FRESH_MS", { min: 1, max: 3_600_000, fallback: 60_000 }),
  },
  review: {
    /** Whether a moderator approves each question, and each change of one on sale. */
    required: flag("QUESTION_REVIEW_REQUIRED", false),
  },
  /** Of creators, whose questions are then deleted. */
  withdrawals: {
    pollMs: integer("QUESTION_WITHDRAWAL_POLL_MS", { min: 10, max: 60_000, fallback: 1000 }),
    /** How long a claim lasts unless renewed, and so how long the crash of a replica delays the deletion. */
    claimMs: integer("QUESTION_WITHDRAWAL_CLAIM_MS", { min: 100, max: 600_000, fallback: 10_000 }),
  },
};

export type QuestionConfig = Config<typeof config>;
