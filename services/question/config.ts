import { z } from "zod";
import { type Environment, integer, readConfig } from "#kit/config.ts";

/** What the question service alone needs to know. */
export type QuestionConfig = ReturnType<typeof readQuestionConfig>;

/** Reads the variables of the question service. */
export function readQuestionConfig(env: Environment) {
  return readConfig(env, {
    QUESTION_BUCKET: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    /** Where browsers reach the bucket, if not where this service does. */
    QUESTION_S3_PUBLIC_ENDPOINT: z.url().optional(),
    QUESTION_UPLOAD_LIFETIME_SECONDS: integer({ min: 10, max: 3600, fallback: 900 }),
    QUESTION_LINK_LIFETIME_SECONDS: integer({ min: 10, max: 3600, fallback: 600 }),
    QUESTION_LINK_CACHE_SECONDS: integer({ min: 1, max: 3600, fallback: 300 }),
    QUESTION_CATEGORIES_FRESH_MS: integer({ min: 1, max: 3_600_000, fallback: 60_000 }),
    QUESTION_CREATOR_NAMES_FRESH_MS: integer({ min: 1, max: 3_600_000, fallback: 60_000 }),
    QUESTION_CREATOR_NAMES_TIMEOUT_MS: integer({ min: 10, max: 3000, fallback: 1000 }),
  });
}
